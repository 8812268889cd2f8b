// Where servers are, and how to be let in.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "grpcpp/channel.h"
#include "grpcpp/support/channel_arguments.h"

namespace ella {

struct ServerAccess {
  // HOST:PORT of equal servers, at least one; the first one is asked first.
  std::vector<std::string> addresses;
  bool tls = false;
  // The rest but the key counts with TLS only. Certificates and keys are PEM.
  std::string roots;        // who may vouch for the server; empty: the system's
  std::string certificate;  // ours, with those that vouch for it; empty: none
  std::string private_key;
  std::string server_name;  // in the server's certificate; empty: its host
  // Empty: none. Without TLS it goes to this machine only.
  std::string api_key;
};

struct ServerChannel {
  std::string address;
  std::shared_ptr<grpc::Channel> channel;
};

// One for each address; they connect later, by themselves. `arguments` are
// beside our own.
std::vector<ServerChannel> MakeChannels(const ServerAccess& server,
                                        grpc::ChannelArguments arguments = {});

}  // namespace ella
