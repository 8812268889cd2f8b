#include "client/compare_prompts.h"

#include <filesystem>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "client/input_files.h"

namespace ella {

std::vector<NamedPrompt> DefaultPrompts() {
  return {
      {"red_circle-blue_star", "a red circle and a blue star"},
      {"red_circle-blue_star-dense",
       "A large red circle is on the left. A small blue star is to the right "
       "of "
       "the circle. The background is plain gray."},
      {"green_ring-yellow_square", "a green ring above a yellow square"},
      {"green_ring-yellow_square-dense",
       "The picture shows two shapes on a black background. A large green ring "
       "is at the top. Below the ring there is a large yellow square."},
      {"white_cross", "a white cross on a cyan background"},
      {"two_triangles-dense",
       "There are two small orange triangles, one at the top left and one at "
       "the top right. Below them is a large purple circle. The background is "
       "brown and there is nothing else in the picture."},
      {"four_corners-dense",
       "The background is plain black. A small red square is at the top left "
       "and a small green cross is at the top right. At the bottom left there "
       "is a small yellow circle. A small white star is at the bottom right."},
      {"swapped_colors-dense",
       "On a gray background there is a large blue circle on the left and a "
       "large red star on the right. The star is to the right of the circle."},
      {"three_shapes-dense",
       "Three small shapes are on a pink background. On the left is a purple "
       "ring, in the middle is a green triangle, and on the right is a white "
       "square."},
  };
}

std::vector<NamedPrompt> NumberedPrompts(
    const std::vector<std::string>& texts) {
  std::vector<NamedPrompt> prompts;
  for (const std::string& text : texts) {
    std::string prompt(absl::StripAsciiWhitespace(text));
    if (prompt.empty()) continue;
    prompts.push_back(
        {absl::StrFormat("%03d", prompts.size()), std::move(prompt)});
  }
  return prompts;
}

absl::StatusOr<std::vector<NamedPrompt>> ReadNamedPrompts(
    const std::string& path) {
  std::vector<NamedPrompt> prompts;
  if (std::filesystem::is_directory(path)) {
    const absl::StatusOr<std::vector<std::string>> files = ListTextFiles(path);
    if (!files.ok()) return files.status();
    for (const std::string& file : *files) {
      absl::StatusOr<std::string> text = ReadTextFile(file);
      if (!text.ok()) return text.status();
      if (text->empty()) {
        return absl::InvalidArgumentError(absl::StrCat(file, " is empty"));
      }
      prompts.push_back(
          {std::filesystem::path(file).stem().string(), *std::move(text)});
    }
  } else {
    const absl::StatusOr<std::string> text = ReadTextFile(path);
    if (!text.ok()) return text.status();
    prompts = NumberedPrompts(absl::StrSplit(*text, '\n'));
  }
  if (prompts.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(path, " has no prompts"));
  }
  return prompts;
}

}  // namespace ella
