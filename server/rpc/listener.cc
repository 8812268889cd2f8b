#include "server/rpc/listener.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "absl/strings/str_cat.h"
#include "server/rpc/socket_address.h"

namespace ella {
namespace {

// Alive at once: more than clients in good faith often have.
constexpr int kManyCalls = 1000;
// While there are as many, a new connection waits, so often at most.
constexpr absl::Duration kWait = absl::Milliseconds(100);
constexpr int kMostWaits = 10;
// Where fewer begin and end in such a wait, those alive are of patient clients,
// who shall lock nobody out: the next connections wait only where there are so
// many more.
constexpr uint64_t kFloodTurnover = 20;
constexpr int kFurtherCalls = 100;
// What the system reads from a connection ahead of gRPC: requests are small.
constexpr int kReadAheadBytes = 64 * 1024;
// How long to wait for a file to be closed where no more may be opened.
constexpr int kRetryMs = 100;

void SetPort(sockaddr* address, int port) {
  reinterpret_cast<sockaddr_in*>(address)->sin_port =
      htons(static_cast<uint16_t>(port));
}

// -1 and errno where the address can't be had.
int ListenAt(const addrinfo& info) {
  const int fd =
      socket(info.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  const int yes = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kReadAheadBytes,
             sizeof(kReadAheadBytes));
  if (bind(fd, info.ai_addr, info.ai_addrlen) == 0 &&
      listen(fd, SOMAXCONN) == 0) {
    return fd;
  }
  const int error = errno;
  close(fd);
  errno = error;
  return -1;
}

// Whether the client has ended the connection: one that floods the server
// doesn't wait for it, and what it sent may be left unread.
bool HasLeft(int connection) {
  pollfd file = {connection, POLLRDHUP, 0};
  return poll(&file, 1, 0) == 1;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Listener>> Listener::Bind(
    const HostPort& address, int max_connections) {
  std::unique_ptr<Listener> listener(new Listener(address, max_connections));
  if (absl::Status s = listener->Open(); !s.ok()) return s;
  return listener;
}

absl::Status Listener::Open() {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  std::string why;
  const int error = getaddrinfo(address_.host.c_str(), nullptr, &hints, &found);
  if (error != 0) why = gai_strerror(error);
  bool failed = false;
  for (const addrinfo* each = found; each != nullptr && !failed;
       each = each->ai_next) {
    SetPort(each->ai_addr, address_.port);
    const int socket = ListenAt(*each);
    if (socket >= 0) {
      sockets_.push_back(socket);
      address_.port = LocalPort(socket);
    } else {
      why = std::strerror(errno);
      // A name may have addresses of a kind that this host lacks.
      failed = errno != EADDRNOTAVAIL && errno != EAFNOSUPPORT;
    }
  }
  if (found != nullptr) freeaddrinfo(found);
  if (failed || sockets_.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "cannot listen for gRPC on ", address_.ToString(), ": ", why));
  }
  wake_ = eventfd(0, EFD_CLOEXEC);
  return absl::OkStatus();
}

Listener::~Listener() {
  if (thread_.joinable()) {
    calls_->End();
    const uint64_t one = 1;
    (void)!write(wake_, &one, sizeof(one));
    thread_.join();
  }
  for (const int socket : sockets_) close(socket);
  if (wake_ >= 0) close(wake_);
}

void Listener::AddTo(grpc::ServerBuilder* builder,
                     std::shared_ptr<grpc::ServerCredentials> credentials) {
  acceptor_ = builder->experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
      std::move(credentials));
  calls_->Watch(builder);
}

void Listener::Start(FloodGuard::OnEnded on_flood) {
  flood_guard_ = std::make_unique<FloodGuard>(calls_, address_.port, wake_ + 1,
                                              wake_ + max_connections_,
                                              std::move(on_flood));
  thread_ = std::thread([this] { Run(); });
}

void Listener::Run() {
  std::vector<pollfd> files = {{wake_, POLLIN, 0}};
  for (const int socket : sockets_) files.push_back({socket, POLLIN, 0});
  while (files[0].revents == 0) {
    poll(files.data(), files.size(), -1);
    for (size_t i = 1; i < files.size(); ++i) {
      if (files[i].revents == 0) continue;
      if (Accept(files[i].fd)) continue;
      poll(files.data(), 1, kRetryMs);
    }
  }
}

void Listener::AwaitCalm() {
  const int many = std::max(kManyCalls, patient_calls_ + kFurtherCalls);
  for (int waits = 0; waits < kMostWaits; ++waits) {
    const uint64_t before = calls_->turnover();
    const int calls = calls_->AwaitFewer(many, kWait);
    if (calls < many) {
      patient_calls_ = std::min(calls, patient_calls_);
      return;
    }
    if (calls_->turnover() - before < kFloodTurnover) {
      patient_calls_ = calls;
      return;
    }
  }
}

bool Listener::Accept(int socket) {
  const int fd =
      accept4(socket, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return errno != EMFILE && errno != ENFILE;
  // A new file has the lowest number that is free, so this many are open.
  const bool wanted = fd < wake_ + max_connections_ && !HasLeft(fd);
  if (wanted) AwaitCalm();
  if (!wanted || HasLeft(fd)) {
    close(fd);
    return true;
  }
  const int yes = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
  grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters
      connection;
  connection.listener_fd = socket;
  connection.fd = fd;
  acceptor_->HandleNewConnection(&connection);
  return true;
}

}  // namespace ella
