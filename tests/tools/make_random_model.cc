// Writes a small model directory with random weights, for a first try without
// real checkpoints and for tests.
#include <CLI/CLI.hpp>
#include <cstdint>
#include <exception>
#include <iostream>
#include <string>

#include "absl/status/status.h"
#include "tests/tools/random_model.h"

int main(int argc, char** argv) try {
  CLI::App app("Writes a small random-weights model in the real formats.");
  std::string folder;
  app.add_option("folder", folder,
                 "Where to write it; a model that is there already is kept")
      ->required();
  uint64_t seed = 1;
  app.add_option("--seed", seed, "Seed of the weights")->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  const absl::Status status = ella::WriteRandomModel(folder, seed);
  if (!status.ok()) {
    std::cerr << "make_random_model: " << status.message() << "\n";
    return 1;
  }
  return 0;
} catch (const std::exception& error) {
  std::cerr << "make_random_model: " << error.what() << "\n";
  return 1;
}
