// HTTP/2 by the byte, for clients that gRPC's own could not be.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace ella {

// The preface and empty settings, with which every connection begins.
std::string Http2Hello();
std::string Http2Frame(uint8_t type, uint8_t flags, uint32_t stream,
                       absl::string_view payload);
// The frames of a whole call on a stream of an odd number.
std::string GrpcCall(uint32_t stream, absl::string_view method,
                     absl::string_view message);

// A TCP connection whose calls don't wait, but for those that say so. Movable.
class RawConnection {
 public:
  // `address`: 127.0.0.1:PORT.
  explicit RawConnection(const std::string& address);
  RawConnection(RawConnection&& other) noexcept;
  RawConnection& operator=(RawConnection&& other) = delete;
  ~RawConnection();

  bool ok() const { return fd_ >= 0; }
  // As much as the server takes now; false once the connection has ended.
  bool Send(absl::string_view bytes);
  // All of it, as the server takes it, while what comes is taken; false once
  // the connection has ended, or after the time.
  bool SendAll(absl::string_view bytes, absl::Duration limit);
  // Takes what has come; false once the connection has ended.
  bool Receive();
  // Whether the server ends the connection in that time.
  bool AwaitEnd(absl::Duration limit);
  // Whether a frame of the type comes in that time. Without Receive before.
  bool AwaitFrame(uint8_t type, absl::Duration limit);
  // Makes the end an abrupt one.
  void Reset();

 private:
  // Waits for one of the events of poll(2); false once the time is over.
  bool Poll(absl::Time until, int16_t events);

  int fd_ = -1;
};

}  // namespace ella
