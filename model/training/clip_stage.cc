#include "model/training/clip_stage.h"

#include "model/training/token_batch.h"

namespace ella {
namespace {
// One step in these shows scenes with one object, whose place is mostly told.
constexpr uint64_t kLoneEvery = 8;
}  // namespace

CaptionKind ClipStage::caption_kind(StepRandom* random) const {
  return random->Next() % kLoneEvery == 0 ? CaptionKind::kLone
                                          : CaptionKind::kShort;
}

absl::StatusOr<at::Tensor> ClipStage::Encode(
    const std::vector<std::string>& captions, const at::Tensor& /*timesteps*/,
    StepRandom* /*random*/) {
  return networks().MakeClip()->forward(
      TokenizeBatch(tokenizer_, captions).to(networks().options().device));
}

}  // namespace ella
