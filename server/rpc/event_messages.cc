#include "server/rpc/event_messages.h"

#include <algorithm>
#include <utility>

namespace ella {
namespace {

void Fill(const TokenCount& count, v1::TokenCount* message) {
  message->set_given(count.given);
  message->set_used(count.used);
}

}  // namespace

google::protobuf::Duration ToProto(absl::Duration duration) {
  // The clock may be set back, and an estimate may exceed what protobuf allows.
  duration = std::clamp(duration, absl::ZeroDuration(), absl::Hours(24 * 365));
  google::protobuf::Duration message;
  message.set_seconds(
      absl::IDivDuration(duration, absl::Seconds(1), &duration));
  message.set_nanos(static_cast<int>(absl::ToInt64Nanoseconds(duration)));
  return message;
}

v1::GenerateResponse QueuedMessage(const std::string& request_id,
                                   const QueuedEvent& event) {
  v1::GenerateResponse message;
  v1::Queued* queued = message.mutable_queued();
  queued->set_request_id(request_id);
  queued->set_position(event.position);
  *queued->mutable_estimated_wait() = ToProto(event.estimated_wait);
  return message;
}

v1::GenerateResponse StartedMessage(const StartedEvent& event) {
  v1::GenerateResponse message;
  v1::Started* started = message.mutable_started();
  Fill(event.prompt, started->mutable_prompt_tokens());
  if (event.negative) {
    Fill(*event.negative, started->mutable_negative_prompt_tokens());
  }
  return message;
}

v1::GenerateResponse ProgressMessage(const ProgressEvent& event) {
  v1::GenerateResponse message;
  v1::Progress* progress = message.mutable_progress();
  progress->set_image_index(event.image_index);
  progress->set_step(event.step);
  progress->set_steps(event.steps);
  *progress->mutable_eta() = ToProto(event.eta);
  return message;
}

v1::Image PngMessage(int width, int height, std::string png) {
  v1::Image message;
  message.set_data(std::move(png));
  message.set_format(v1::IMAGE_FORMAT_PNG);
  message.set_width(width);
  message.set_height(height);
  return message;
}

v1::GenerateResponse PreviewMessage(int image_index, int step,
                                    v1::Image image) {
  v1::GenerateResponse message;
  v1::Preview* preview = message.mutable_preview();
  preview->set_image_index(image_index);
  preview->set_step(step);
  *preview->mutable_image() = std::move(image);
  return message;
}

v1::GenerateResponse ImageMessage(int image_index, uint32_t seed,
                                  v1::Image image) {
  v1::GenerateResponse message;
  v1::GeneratedImage* generated = message.mutable_image();
  generated->set_image_index(image_index);
  generated->set_seed(seed);
  *generated->mutable_image() = std::move(image);
  return message;
}

v1::GenerateResponse DoneMessage(const DoneEvent& event,
                                 absl::Duration png_time) {
  v1::GenerateResponse message;
  v1::Done* done = message.mutable_done();
  *done->mutable_queue_time() = ToProto(event.queue_time);
  *done->mutable_text_time() = ToProto(event.text_time);
  *done->mutable_denoise_time() = ToProto(event.denoise_time);
  *done->mutable_decode_time() = ToProto(event.decode_time);
  *done->mutable_png_time() = ToProto(png_time);
  done->set_text_cache_hits(event.text_cache_hits);
  done->set_connector_cache_hits(event.connector_cache_hits);
  done->set_mean_batch_rows(static_cast<float>(event.mean_batch_rows));
  return message;
}

}  // namespace ella
