#include "server/rpc/caller_identity.h"

#include "absl/strings/match.h"

namespace ella {

std::string PeerIdentity(const grpc::ServerContextBase& context) {
  return WithoutPort(context.peer());
}

std::string WithoutPort(absl::string_view peer) {
  if (absl::StartsWith(peer, "ipv4:") || absl::StartsWith(peer, "ipv6:")) {
    peer = peer.substr(0, peer.rfind(':'));
  }
  return std::string(peer);
}

}  // namespace ella
