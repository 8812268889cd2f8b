#pragma once

#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "grpcpp/server_builder.h"
#include "server/config/host_port.h"
#include "server/rpc/call_count.h"
#include "server/rpc/flood_guard.h"

namespace ella {

// Takes connections for gRPC, on a thread of its own. gRPC's own listener knows
// no limit of them, and ends for good where the process may open no more files
// (1.51); this one closes what is over the limit, and goes on. Nor does gRPC
// bound the calls that clients begin and take back faster than they are ended:
// while there are many that come and go, new connections wait, and a connection
// that floods gRPC with them is ended. Belongs to one thread.
class Listener {
 public:
  // Listens; connections wait. Port 0 picks a free one. FailedPrecondition
  // where the address can't be had.
  static absl::StatusOr<std::unique_ptr<Listener>> Bind(const HostPort& address,
                                                        int max_connections);
  ~Listener();

  // The port is the one that was free.
  const HostPort& address() const { return address_; }

  // Makes the server that is built take its connections from here.
  void AddTo(grpc::ServerBuilder* builder,
             std::shared_ptr<grpc::ServerCredentials> credentials);
  // Once it is built. on_flood is told who was at the other end of a connection
  // that was ended, on a thread of the guard.
  void Start(FloodGuard::OnEnded on_flood);

 private:
  Listener(HostPort address, int max_connections)
      : address_(std::move(address)), max_connections_(max_connections) {}
  absl::Status Open();
  void Run();
  void AwaitCalm();
  // False where the process may open no more files.
  bool Accept(int socket);

  HostPort address_;
  const int max_connections_;
  std::vector<int> sockets_;  // one for each address of the host
  int wake_ = -1;             // readable at the end
  int patient_calls_ = 0;     // that are only held
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor_;
  const std::shared_ptr<CallCount> calls_ = std::make_shared<CallCount>();
  std::unique_ptr<FloodGuard> flood_guard_;
  std::thread thread_;
};

}  // namespace ella
