#include "server/config/connection_flags.h"

#include <CLI/CLI.hpp>

namespace ella {

void AddConnectionFlags(ConnectionOptions* options, CLI::App* app) {
  app->add_option("--grpc-max-message-kb", options->max_message_kb,
                  "Largest request message")
      ->type_name("KIB");
  app->add_option("--grpc-max-connections", options->max_connections,
                  "Connections at once; further ones are closed")
      ->type_name("CONNECTIONS");
  app->add_option("--grpc-max-streams", options->max_streams,
                  "Calls at once on a connection; further ones wait in their "
                  "client")
      ->type_name("CALLS");
  app->add_option("--grpc-memory-mb", options->memory_mb,
                  "Memory for all connections; when it runs out, some are "
                  "dropped, new ones first")
      ->type_name("MIB");
  app->add_option("--grpc-max-connection-idle-seconds",
                  options->max_idle_seconds,
                  "When a connection without calls is closed; 0: never")
      ->type_name("SECONDS");
  app->add_option("--grpc-max-connection-age-seconds", options->max_age_seconds,
                  "When a connection takes no new calls any more, so that its "
                  "client makes another; 0: never")
      ->type_name("SECONDS");
  app->add_option("--grpc-max-connection-age-grace-seconds",
                  options->max_age_grace_seconds,
                  "How long its calls may then go on")
      ->type_name("SECONDS");
  app->add_option("--grpc-keepalive-seconds", options->keepalive_seconds,
                  "After how much silence a ping asks whether the client is "
                  "there")
      ->type_name("SECONDS");
  app->add_option("--grpc-keepalive-timeout-seconds",
                  options->keepalive_timeout_seconds,
                  "How long the answer to a ping may take")
      ->type_name("SECONDS");
  app->add_option("--grpc-stall-seconds", options->stall_seconds,
                  "How long a client may take to read one message before its "
                  "call is cancelled")
      ->type_name("SECONDS");
  app->add_flag("--reflection", options->reflection,
                "Tell callers the RPCs and messages, for tools such as "
                "grpcurl (default: off)");
}

}  // namespace ella
