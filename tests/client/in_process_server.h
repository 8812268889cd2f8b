#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "grpcpp/grpcpp.h"

namespace ella {

// Serves a service in this process, on a free port of loopback.
template <typename Service>
class InProcessServer {
 public:
  InProcessServer() {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    address_ = absl::StrCat("127.0.0.1:", port);
  }
  ~InProcessServer() { server_->Shutdown(std::chrono::system_clock::now()); }

  Service& service() { return service_; }
  // HOST:PORT
  const std::string& address() const { return address_; }

 private:
  Service service_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
};

}  // namespace ella
