#include "model/training/demo_model.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "model/training/scene_data.h"
#include "model/writing/t5_vocabulary.h"

namespace ella {
namespace {

constexpr int kSentences = 2000;
constexpr int kMaxMerges = 800;
constexpr int kT5Pieces = 400;
constexpr int kT5ExtraIds = 100;

}  // namespace

absl::StatusOr<DemoModel> MakeDemoModel(int side, uint64_t seed) {
  const std::vector<std::string> sentences = SceneSentences(seed, kSentences);
  DemoModel demo;
  const std::string error =
      TrainT5Vocabulary(sentences, kT5Pieces, &demo.spiece_model);
  if (!error.empty()) {
    return absl::InternalError(absl::StrCat("spiece.model: ", error));
  }
  demo.clip = MakeClipTokenizerFiles(LearnMerges(sentences, kMaxMerges));
  demo.sizes.vae = {.channels = {32, 64, 64},
                    .layers_per_block = 1,
                    .norm_groups = 8,
                    .sample_size = side};
  demo.sizes.unet = {.channels = {64, 128, 128},
                     .layers_per_block = 1,
                     .context = 128,
                     .heads = 4,
                     .norm_groups = 16,
                     .sample_size = side / 4};
  demo.sizes.clip = {.hidden = 128,
                     .intermediate = 512,
                     .layers = 3,
                     .heads = 4,
                     .vocabulary = demo.clip.size};
  demo.sizes.t5 = {.d_model = 128,
                   .d_kv = 32,
                   .heads = 4,
                   .d_ff = 256,
                   .layers = 6,
                   .vocabulary = kT5Pieces + kT5ExtraIds};
  demo.sizes.ella = {.time_channels = 64,
                     .time_embedding = 128,
                     .width = 128,
                     .layers = 6,
                     .heads = 4,
                     .latents = 64,
                     .input = 128,
                     .default_guidance_scale = 5};
  return demo;
}

}  // namespace ella
