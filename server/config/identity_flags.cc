#include "server/config/identity_flags.h"

#include <CLI/CLI.hpp>

namespace ella {

void AddIdentityFlags(IdentityOptions* options, CLI::App* app) {
  app->add_option("--tls-cert", options->tls_cert,
                  "gRPC with TLS: the server's certificate with those that "
                  "vouch for it, PEM; this file and those below are read "
                  "again when they change")
      ->type_name("FILE");
  app->add_option("--tls-key", options->tls_key,
                  "The private key of --tls-cert, PEM")
      ->type_name("FILE");
  app->add_option("--tls-client-ca", options->tls_client_ca,
                  "Each caller must have a certificate from one of these, PEM")
      ->type_name("FILE");
  app->add_option("--api-keys", options->api_keys,
                  "Each call must have one of these keys; a line each: NAME "
                  "SHA256 [requests-per-minute=N] [images=N] [priority=N] "
                  "[admin]")
      ->type_name("FILE");
}

}  // namespace ella
