// A DPG-Bench style set of the demo world: prompts, and questions about the
// pictures that are drawn from them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "scenes/scene_generator.h"

namespace ella {

struct PromptSetOptions {
  Split split = Split::kHeldOut;
  bool dense = true;  // or short captions
  int count = 200;
  uint64_t seed = 1;
  bool plain = false;  // the same prompts told plainly (PlainCaption)
};

struct ScenePrompt {
  std::string id;  // "dense-000", "short-017"
  std::string text;
};

struct PromptSet {
  std::vector<ScenePrompt> prompts;  // no text twice
  std::string questions_csv;
};

// Equal options give equal sets on every machine.
PromptSet MakePromptSet(const PromptSetOptions& options);

// Writes prompts/<id>.txt and questions.csv into the folder, which is made
// where it is missing. The status names the file that can't be written.
absl::Status WritePromptSet(const PromptSet& set,
                            const std::filesystem::path& folder);

}  // namespace ella
