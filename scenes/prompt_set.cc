#include "scenes/prompt_set.h"

#include <fstream>
#include <random>
#include <set>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "scenes/scene_captions.h"
#include "scenes/scene_propositions.h"

namespace ella {
namespace {

absl::Status WriteFile(const std::filesystem::path& path,
                       const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (file.fail()) {
    return absl::UnavailableError(
        absl::StrCat("could not write ", path.string()));
  }
  return absl::OkStatus();
}

}  // namespace

PromptSet MakePromptSet(const PromptSetOptions& options) {
  std::mt19937_64 random(options.seed);
  Chooser chooser(random);
  PromptSet set;
  set.questions_csv = PropositionsCsvHeader();
  std::set<std::string> seen;
  while (static_cast<int>(set.prompts.size()) < options.count) {
    const Scene scene = RandomScene(options.split, random);
    const SceneFacts facts = options.dense ? ChooseDenseFacts(scene, chooser)
                                           : ChooseShortFacts(scene, chooser);
    const std::string text = options.dense ? DenseCaption(facts, chooser)
                                           : ShortCaption(facts, chooser);
    if (!seen.insert(text).second) continue;
    const std::string id = absl::StrFormat(
        "%s-%03d", options.dense ? "dense" : "short", set.prompts.size());
    set.prompts.push_back({id, options.plain ? PlainCaption(facts) : text});
    set.questions_csv += PropositionsCsv(id, set.prompts.back().text, facts);
  }
  return set;
}

absl::Status WritePromptSet(const PromptSet& set,
                            const std::filesystem::path& folder) {
  const std::filesystem::path prompts = folder / "prompts";
  std::error_code error;
  std::filesystem::create_directories(prompts, error);
  if (error) {
    return absl::UnavailableError(absl::StrCat(
        "could not make ", prompts.string(), ": ", error.message()));
  }
  for (const ScenePrompt& prompt : set.prompts) {
    const absl::Status written =
        WriteFile(prompts / (prompt.id + ".txt"), prompt.text + "\n");
    if (!written.ok()) return written;
  }
  return WriteFile(folder / "questions.csv", set.questions_csv);
}

}  // namespace ella
