// The flags of `ella dpg score`.
#pragma once

#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace ella {

struct ScoreOptions {
  std::string images;  // the folder
  int side = 0;        // R: pixels of one picture of a grid
  std::string questions;
  // One of these three.
  std::optional<std::string> answers;
  std::optional<std::string> judge_command;
  std::optional<std::string> judge;  // scenes

  int crops = 4;
  bool compat = false;
  double judge_timeout_s = 600;
  std::optional<std::string> save_answers;
  std::optional<std::string> results_dir;
  int workers = 1;
  bool json = false;
};

// Parsing `app` fills *options, which outlives it. CLI::ParseError names the
// flag.
void AddScoreOptions(CLI::App* app, ScoreOptions* options);

}  // namespace ella
