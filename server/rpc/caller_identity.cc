#include "server/rpc/caller_identity.h"

#include <memory>
#include <vector>

#include "absl/strings/match.h"
#include "grpc/grpc_security_constants.h"
#include "grpcpp/security/auth_context.h"

namespace ella {
namespace {

// The KEY of `Bearer KEY`; Unauthenticated where it isn't of that form.
absl::StatusOr<absl::string_view> BearerKey(absl::string_view authorization) {
  constexpr absl::string_view kScheme = "Bearer ";
  if (!absl::StartsWithIgnoreCase(authorization, kScheme)) {
    return absl::UnauthenticatedError(
        "`authorization` must be of the form `Bearer KEY`");
  }
  return authorization.substr(kScheme.size());
}

absl::StatusOr<Caller> FindByKey(const grpc::ServerContextBase& context,
                                 ApiKeys* keys) {
  const auto& metadata = context.client_metadata();
  const auto [first, end] = metadata.equal_range("authorization");
  if (first == end) {
    return absl::UnauthenticatedError(
        "an API key is missing: send it as the metadata `authorization: Bearer "
        "KEY`");
  }
  if (std::next(first) != end) {
    return absl::UnauthenticatedError("`authorization` is there twice");
  }
  const absl::StatusOr<absl::string_view> key =
      BearerKey({first->second.data(), first->second.size()});
  if (!key.ok()) return key.status();
  return keys->Find(*key);
}

// Names of machines and services, where the certificate has no subject.
std::string CertificateName(const grpc::AuthContext& peer) {
  for (const char* property :
       {GRPC_X509_SUBJECT_PROPERTY_NAME, GRPC_X509_SAN_PROPERTY_NAME}) {
    const std::vector<grpc::string_ref> values =
        peer.FindPropertyValues(property);
    if (!values.empty() && !values[0].empty()) {
      return std::string(values[0].data(), values[0].size());
    }
  }
  return "";
}

}  // namespace

absl::StatusOr<Caller> IdentifyCaller(const grpc::ServerContextBase& context,
                                      const Identity& identity) {
  if (identity.api_keys != nullptr) {
    return FindByKey(context, identity.api_keys.get());
  }
  if (identity.tls != nullptr && identity.tls->asks_for_client_certificates()) {
    const std::string name = CertificateName(*context.auth_context());
    if (!name.empty()) return Caller{.name = name, .is_known = true};
  }
  return Caller{.name = PeerIdentity(context)};
}

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
