// The flags of `ella generate`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "client/server_access.h"

namespace CLI {
class App;
}

namespace ella {

// What was not given stays empty and is not sent, so the server's default
// counts. Numbers are not checked either: the server knows its limits.
struct GenerateOptions {
  ServerAccess server;
  std::string output;
  std::optional<std::string> prompt;
  std::optional<std::string> prompt_file;  // "-": standard input
  std::optional<std::string> from;         // a PNG whose settings count
  std::optional<std::string> model;
  std::optional<std::string> negative;
  std::optional<std::string> conditioning;  // ella, ella-fixed or clip
  bool fixed_negative = false;
  std::optional<uint32_t> steps;
  std::optional<float> guidance;
  std::optional<std::string> sampler;
  std::optional<uint32_t> width;   // pixels
  std::optional<uint32_t> height;  // pixels
  std::optional<uint64_t> seed;    // modulo 2^32, all that torch looks at
  std::optional<uint32_t> count;
  std::optional<uint32_t> preview_every;  // steps
  std::optional<std::string> preview_dir;
  std::optional<std::string> preview_kind;  // rgb or vae
  double timeout_s = 600;                   // all tries together
  std::optional<std::string> request_id;
  std::optional<int32_t> priority;
  bool json = false;
};

// Parsing `app` fills *options, which outlives it.
void AddGenerateOptions(CLI::App* app, GenerateOptions* options);

}  // namespace ella
