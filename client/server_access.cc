#include "client/server_access.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"

namespace ella {
namespace {

class ApiKeyMetadata final : public grpc::MetadataCredentialsPlugin {
 public:
  explicit ApiKeyMetadata(const std::string& key)
      : value_(absl::StrCat("Bearer ", key)) {}

  bool IsBlocking() const override { return false; }
  grpc::Status GetMetadata(
      grpc::string_ref, grpc::string_ref, const grpc::AuthContext&,
      std::multimap<std::string, std::string>* metadata) override {
    metadata->emplace("authorization", value_);
    return grpc::Status::OK;
  }

 private:
  const std::string value_;
};

std::shared_ptr<grpc::ChannelCredentials> CredentialsOf(
    const ServerAccess& server) {
  if (!server.tls && server.api_key.empty()) {
    return grpc::InsecureChannelCredentials();
  }
  // Unencrypted calls with a key go where gRPC finds that they stay here.
  std::shared_ptr<grpc::ChannelCredentials> credentials =
      server.tls ? grpc::SslCredentials(
                       {server.roots, server.private_key, server.certificate})
                 : grpc::experimental::LocalCredentials(LOCAL_TCP);
  if (server.api_key.empty()) return credentials;
  return grpc::CompositeChannelCredentials(
      credentials,
      grpc::experimental::MetadataCredentialsFromPlugin(
          std::make_unique<ApiKeyMetadata>(server.api_key),
          server.tls ? GRPC_PRIVACY_AND_INTEGRITY : GRPC_SECURITY_NONE));
}

}  // namespace

std::vector<ServerChannel> MakeChannels(const ServerAccess& server,
                                        grpc::ChannelArguments arguments) {
  // Retries here are seconds apart; gRPC's own connection attempts must not
  // become rarer than that.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2000);
  // A host that is silent is noticed soon, before a connection as during a
  // call. A server may take pings for abuse that come more often than every 10
  // seconds.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20000);
  // gRPC would ask the proxy of http_proxy for a server on this host, too.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  if (!server.server_name.empty()) {
    arguments.SetSslTargetNameOverride(server.server_name);
  }
  const std::shared_ptr<grpc::ChannelCredentials> credentials =
      CredentialsOf(server);
  std::vector<ServerChannel> channels;
  for (const std::string& address : server.addresses) {
    channels.push_back(
        {address, grpc::CreateCustomChannel(address, credentials, arguments)});
  }
  return channels;
}

}  // namespace ella
