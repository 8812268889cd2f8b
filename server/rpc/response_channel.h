#pragma once

#include "absl/status/status.h"
#include "ella/v1/text_to_image.pb.h"

namespace ella {

// The client's end of one request. Neither call waits for the client.
class ResponseChannel {
 public:
  virtual ~ResponseChannel() = default;
  // False where the message is dropped: the client reads too slowly, or has
  // gone.
  virtual bool Send(v1::GenerateResponse message) = 0;
  // Ends the call, once what must arrive has gone. Exactly once, and last.
  virtual void Close(const absl::Status& status) = 0;
};

}  // namespace ella
