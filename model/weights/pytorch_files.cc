#include "model/weights/pytorch_files.h"

#include <filesystem>
#include <regex>
#include <set>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace ella {
namespace {

namespace fs = std::filesystem;

// The first by name, so that the message does not depend on the file system;
// empty where there is none.
std::string FindPytorchFile(const std::string& folder) {
  std::set<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    const std::string extension = it->path().extension().string();
    if (extension == ".bin" || extension == ".pt" || extension == ".pth" ||
        extension == ".ckpt") {
      names.insert(it->path().filename().string());
    }
  }
  return names.empty() ? "" : *names.begin();
}

}  // namespace

std::string PytorchConversionAdvice(const std::string& folder,
                                    const std::string& stem) {
  const std::string name = FindPytorchFile(folder);
  if (name.empty()) return "";
  const std::string found =
      absl::StrCat(folder, " holds ", name, ", but ", stem,
                   ".safetensors is needed; convert it in Python: ");
  if (absl::EndsWith(name, ".ckpt")) {
    return absl::StrCat(found,
                        "from diffusers import StableDiffusionPipeline as P; "
                        "P.from_single_file('",
                        (fs::path(folder) / name).string(),
                        "').save_pretrained('sd15')");
  }
  // All shards, where the file is one: pytorch_model-00001-of-00002.bin.
  const std::string pattern =
      std::regex_replace(name, std::regex("-[0-9]+-of-"), "-*-of-");
  return absl::StrCat(
      found,
      "import glob, torch; from safetensors.torch import save_file; "
      "save_file({k: v.clone().contiguous() for f in glob.glob('",
      (fs::path(folder) / pattern).string(),
      "') for k, v in torch.load(f, map_location='cpu', "
      "weights_only=True).items()}, '",
      (fs::path(folder) / (stem + ".safetensors")).string(),
      "', {'format': 'pt'})");
}

}  // namespace ella
