// Writes a model directory of real size, with computed weights, to measure
// speed and memory without a download. Its pictures are coloured noise.
#include <CLI/CLI.hpp>
#include <iostream>
#include <string>

#include "absl/status/status.h"
#include "bench/formula/full_size_model.h"

int main(int argc, char** argv) {
  CLI::App app("Writes SD1.5, FLAN-T5-XL and ELLA with computed weights.");
  std::string folder;
  app.add_option("--out", folder,
                 "Where to write it, 5 GB; a model that is there is kept")
      ->type_name("DIR")
      ->required();
  ella::FullSizeModelSources sources;
  app.add_option("--shapes", sources.shapes, "The networks' tensor shapes")
      ->type_name("DIR")
      ->capture_default_str();
  app.add_option("--tokenizers", sources.tokenizers,
                 "A model directory whose tokenizers are copied")
      ->type_name("DIR")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  const absl::Status status = ella::WriteFullSizeModel(folder, sources);
  if (!status.ok()) {
    std::cerr << "write_full_size_model: " << status.message() << "\n";
    return 1;
  }
  return 0;
}
