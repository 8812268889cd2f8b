#include "client/server_access_options.h"

#include <algorithm>
#include <cstdlib>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/common_options.h"
#include "client/input_files.h"

namespace ella {
namespace {

// A flag whose value is the text of a file, which must not be empty.
CLI::Option* AddFileOption(CLI::App* app, const std::string& name,
                           const std::string& help, std::string* text) {
  return app
      ->add_option_function<std::string>(
          name,
          [name, text](const std::string& path) {
            absl::StatusOr<std::string> read = ReadTextFile(path);
            if (!read.ok()) {
              throw CLI::ValidationError(name,
                                         std::string(read.status().message()));
            }
            if (read->empty()) {
              throw CLI::ValidationError(name, absl::StrCat(path, " is empty"));
            }
            *text = *std::move(read);
          },
          help)
      ->type_name("FILE");
}

// gRPC looks at the address that the host turns out to have; this is for an
// error that says what to do.
bool MayBeThisMachine(const std::string& address) {
  return absl::StartsWith(address, "127.") ||
         absl::StartsWith(address, "localhost:") ||
         absl::StartsWith(address, "[::1]:");
}

// Of one line that a header can hold.
bool IsWord(const std::string& key) {
  return std::all_of(key.begin(), key.end(),
                     [](unsigned char c) { return absl::ascii_isgraph(c); });
}

void CheckKey(const ServerAccess& server) {
  if (server.api_key.empty()) return;
  if (!IsWord(server.api_key)) {
    throw CLI::ValidationError(
        "API key", "must be one word of printable ASCII characters");
  }
  for (const std::string& address : server.addresses) {
    if (server.tls || MayBeThisMachine(address)) continue;
    throw CLI::ValidationError(
        "--tls", absl::StrCat("is needed to send an API key to ", address,
                              ", beyond this machine"));
  }
}

}  // namespace

void AddServerOptions(CLI::App* app, ServerAccess* server) {
  server->addresses = {"127.0.0.1:8001"};
  AddAddressesOption(app, "--server", "ELLA_SERVER",
                     "The server's gRPC address; several by commas or "
                     "repetition, where one steps in for another",
                     &server->addresses);
  CLI::Option* tls = app->add_flag("--tls", server->tls,
                                   "Encrypt, and check who the server is");
  AddFileOption(app, "--ca",
                "Certificates of those who may vouch for the server (the "
                "system's)",
                &server->roots)
      ->needs(tls);
  CLI::Option* certificate = AddFileOption(
      app, "--cert", "Our certificate, where the server asks for one",
      &server->certificate);
  CLI::Option* key = AddFileOption(app, "--key", "The private key of --cert",
                                   &server->private_key);
  certificate->needs(tls)->needs(key);
  key->needs(certificate);
  app->add_option("--server-name", server->server_name,
                  "The name in the server's certificate (its host)")
      ->type_name("NAME")
      ->needs(tls);
  if (const char* api_key = std::getenv("ELLA_API_KEY")) {
    server->api_key = api_key;
  }
  AddFileOption(app, "--api-key-file",
                "File with the API key; it may stand in ELLA_API_KEY instead",
                &server->api_key);
  app->callback([server] { CheckKey(*server); });
}

}  // namespace ella
