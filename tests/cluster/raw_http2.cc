#include "tests/cluster/raw_http2.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace ella {
namespace {

constexpr size_t kFrameHeader = 9;  // bytes

// The `bytes` lowest bytes, the highest first.
std::string BigEndian(uint32_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) {
    text.push_back(static_cast<char>(value >> (8 * i)));
  }
  return text;
}

// HPACK: a literal without indexing.
std::string Header(absl::string_view name, absl::string_view value) {
  return absl::StrCat(absl::string_view("\0", 1),
                      BigEndian(static_cast<uint32_t>(name.size()), 1), name,
                      BigEndian(static_cast<uint32_t>(value.size()), 1), value);
}

}  // namespace

std::string Http2Hello() {
  return absl::StrCat("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                      Http2Frame(/*SETTINGS*/ 4, 0, 0, ""));
}

std::string Http2Frame(uint8_t type, uint8_t flags, uint32_t stream,
                       absl::string_view payload) {
  return absl::StrCat(BigEndian(static_cast<uint32_t>(payload.size()), 3),
                      BigEndian(type, 1), BigEndian(flags, 1),
                      BigEndian(stream, 4), payload);
}

std::string GrpcCall(uint32_t stream, absl::string_view method,
                     absl::string_view message) {
  const std::string headers = absl::StrCat(
      Header(":method", "POST"), Header(":scheme", "http"),
      Header(":path", method), Header(":authority", "x"),
      Header("te", "trailers"), Header("content-type", "application/grpc"));
  const std::string body = absl::StrCat(
      absl::string_view("\0", 1),
      BigEndian(static_cast<uint32_t>(message.size()), 4), message);
  return absl::StrCat(
      Http2Frame(/*HEADERS*/ 1, /*END_HEADERS*/ 4, stream, headers),
      Http2Frame(/*DATA*/ 0, /*END_STREAM*/ 1, stream, body));
}

RawConnection::RawConnection(const std::string& address) {
  const size_t colon = address.rfind(':');
  sockaddr_in to = {};
  to.sin_family = AF_INET;
  to.sin_port =
      htons(static_cast<uint16_t>(std::atoi(address.c_str() + colon + 1)));
  inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr);
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return;
  if (connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof(to)) != 0) {
    close(std::exchange(fd_, -1));
    return;
  }
  fcntl(fd_, F_SETFL, O_NONBLOCK);
}

RawConnection::RawConnection(RawConnection&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)) {}

RawConnection::~RawConnection() {
  if (fd_ >= 0) close(fd_);
}

bool RawConnection::Send(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN;
    bytes.remove_prefix(sent);
  }
  return true;
}

bool RawConnection::SendAll(absl::string_view bytes, absl::Duration limit) {
  const absl::Time until = absl::Now() + limit;
  while (Receive()) {
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return false;
    if (sent > 0) bytes.remove_prefix(static_cast<size_t>(sent));
    if (bytes.empty()) return true;
    if (!Poll(until, POLLIN | POLLOUT)) return false;
  }
  return false;
}

bool RawConnection::Receive() {
  char buffer[65536];
  ssize_t count = 0;
  while ((count = recv(fd_, buffer, sizeof(buffer), 0)) > 0) {
  }
  return count < 0 && errno == EAGAIN;
}

bool RawConnection::AwaitEnd(absl::Duration limit) {
  const absl::Time until = absl::Now() + limit;
  while (Receive()) {
    if (!Poll(until, POLLIN)) return false;
  }
  return true;
}

bool RawConnection::AwaitFrame(uint8_t type, absl::Duration limit) {
  const absl::Time until = absl::Now() + limit;
  std::string bytes;
  while (Poll(until, POLLIN)) {
    char buffer[65536];
    const ssize_t count = recv(fd_, buffer, sizeof(buffer), 0);
    if (count <= 0) return false;
    bytes.append(buffer, static_cast<size_t>(count));
    while (bytes.size() >= kFrameHeader) {
      size_t length = 0;
      for (int i = 0; i < 3; ++i) {
        length = length << 8 | static_cast<uint8_t>(bytes[i]);
      }
      if (bytes.size() < kFrameHeader + length) break;
      if (static_cast<uint8_t>(bytes[3]) == type) return true;
      bytes.erase(0, kFrameHeader + length);
    }
  }
  return false;
}

bool RawConnection::Poll(absl::Time until, int16_t events) {
  pollfd wait = {fd_, events, 0};
  const int64_t left_ms = absl::ToInt64Milliseconds(until - absl::Now());
  return left_ms > 0 && poll(&wait, 1, static_cast<int>(left_ms)) > 0;
}

void RawConnection::Reset() {
  const linger abrupt = {1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &abrupt, sizeof(abrupt));
}

}  // namespace ella
