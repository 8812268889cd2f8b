// Writes a prompt set of the demo world, with its questions, into a folder.
#include <CLI/CLI.hpp>
#include <iostream>
#include <map>
#include <string>

#include "scenes/prompt_set.h"

int main(int argc, char** argv) {
  CLI::App app("Writes prompts/<id>.txt and questions.csv of the demo world.");
  std::string folder;
  ella::PromptSetOptions options;
  bool is_short = false;
  const std::map<std::string, ella::Split> splits = {
      {"training", ella::Split::kTraining},
      {"held-out", ella::Split::kHeldOut}};
  app.add_option("OUT_DIR", folder, "Where to write")->required();
  app.add_option("--split", options.split,
                 "training or held-out (default): which scenes")
      ->transform(CLI::Transformer(splits, CLI::ignore_case));
  app.add_option("--count", options.count, "Prompts")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--seed", options.seed, "Of the scenes and their wording")
      ->capture_default_str();
  app.add_flag("--short", is_short, "Short captions instead of dense ones");
  app.add_flag("--plain", options.plain,
               "The same prompts told plainly, relations as places");
  CLI11_PARSE(app, argc, argv);
  options.dense = !is_short;
  const absl::Status written =
      ella::WritePromptSet(ella::MakePromptSet(options), folder);
  if (!written.ok()) {
    std::cerr << written.ToString() << "\n";
    return 1;
  }
  return 0;
}
