#include "client/bench/prompts.h"

#include <filesystem>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/input_files.h"

namespace ella {
namespace {

void AddPrompt(const std::string& text, std::vector<std::string>* prompts) {
  std::string prompt(absl::StripAsciiWhitespace(text));
  if (!prompt.empty()) prompts->push_back(std::move(prompt));
}

absl::Status AddFolder(const std::string& path,
                       std::vector<std::string>* prompts) {
  const absl::StatusOr<std::vector<std::string>> files = ListTextFiles(path);
  if (!files.ok()) return files.status();
  for (const std::string& file : *files) {
    const absl::StatusOr<std::string> text = ReadTextFile(file);
    if (!text.ok()) return text.status();
    AddPrompt(*text, prompts);
  }
  return absl::OkStatus();
}

absl::Status AddLines(const std::string& path,
                      std::vector<std::string>* prompts) {
  const absl::StatusOr<std::string> text = ReadTextFile(path);
  if (!text.ok()) return text.status();
  for (const std::string& line :
       std::vector<std::string>(absl::StrSplit(*text, '\n'))) {
    AddPrompt(line, prompts);
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<std::string> BuiltInPrompts() {
  return {
      "a red book and a yellow vase",
      "a harbour at dawn, fishing boats under gulls, mist on the water",
      "an old clockmaker at his bench",
      "three green apples in a blue bowl on a wooden table, seen from above",
      "a lighthouse",
      "a small robot watering tomato plants on a balcony while a grey cat "
      "sleeps in the shade of the largest pot",
      "a snow-covered village street at night with warm light in the windows",
      "a paper boat on a puddle that reflects a tall brick building, two "
      "children in raincoats to its left, a bicycle leaning on a lamp post "
      "behind them",
  };
}

absl::StatusOr<std::vector<std::string>> ReadPrompts(const std::string& path) {
  std::vector<std::string> prompts;
  const absl::Status status = std::filesystem::is_directory(path)
                                  ? AddFolder(path, &prompts)
                                  : AddLines(path, &prompts);
  if (!status.ok()) return status;
  if (prompts.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(path, " has no prompts"));
  }
  return prompts;
}

}  // namespace ella
