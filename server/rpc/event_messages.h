// Events as the client sees them.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "ella/v1/text_to_image.pb.h"
#include "google/protobuf/duration.pb.h"
#include "server/scheduling/event_sink.h"

namespace ella {

google::protobuf::Duration ToProto(absl::Duration duration);

v1::GenerateResponse QueuedMessage(const std::string& request_id,
                                   const QueuedEvent& event);
v1::GenerateResponse StartedMessage(const StartedEvent& event);
v1::GenerateResponse ProgressMessage(const ProgressEvent& event);
v1::Image PngMessage(int width, int height, std::string png);
v1::GenerateResponse PreviewMessage(int image_index, int step, v1::Image image);
v1::GenerateResponse ImageMessage(int image_index, uint32_t seed,
                                  v1::Image image);
v1::GenerateResponse DoneMessage(const DoneEvent& event,
                                 absl::Duration png_time);

}  // namespace ella
