#include "server/rpc/connection_limits.h"

#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/impl/server_builder_option.h"
#include "grpcpp/resource_quota.h"

namespace ella {
namespace {

// For a connection to say what it is; connections that say nothing end then.
constexpr int kHandshakeMs = 10000;
// Clients may ping as often as this; more often is taken for abuse.
constexpr int kShortestPingIntervalMs = 10000;

int Milliseconds(int seconds) { return 1000 * seconds; }

int MillisecondsOrNever(int seconds) {
  return seconds == 0 ? std::numeric_limits<int>::max() : 1000 * seconds;
}

// The library offers reflection on every server of a program that links it.
class WithoutReflection final : public grpc::ServerBuilderOption {
 public:
  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>*
                         plugins) override {
    using Reflection = grpc::reflection::ProtoServerReflectionPlugin;
    std::erase_if(*plugins, [](const auto& plugin) {
      return dynamic_cast<Reflection*>(plugin.get()) != nullptr;
    });
  }
};

}  // namespace

void ApplyConnectionOptions(const ConnectionOptions& options,
                            grpc::ServerBuilder* builder) {
  builder->SetMaxReceiveMessageSize(options.max_message_kb * 1024);
  grpc::ResourceQuota quota("ella");
  quota.Resize(static_cast<size_t>(options.memory_mb) << 20);
  builder->SetResourceQuota(quota);
  const std::pair<const char*, int> arguments[] = {
      {GRPC_ARG_MAX_CONCURRENT_STREAMS, options.max_streams},
      {GRPC_ARG_MAX_CONNECTION_IDLE_MS,
       MillisecondsOrNever(options.max_idle_seconds)},
      {GRPC_ARG_MAX_CONNECTION_AGE_MS,
       MillisecondsOrNever(options.max_age_seconds)},
      {GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS,
       Milliseconds(options.max_age_grace_seconds)},
      {GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, kHandshakeMs},
      {GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(options.keepalive_seconds)},
      {GRPC_ARG_KEEPALIVE_TIMEOUT_MS,
       Milliseconds(options.keepalive_timeout_seconds)},
      {GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1},
      {GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0},  // as many as it takes
      {GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
       kShortestPingIntervalMs},
  };
  for (const auto& [name, value] : arguments) {
    builder->AddChannelArgument(name, value);
  }
  if (!options.reflection) {
    builder->SetOption(std::make_unique<WithoutReflection>());
  }
}

}  // namespace ella
