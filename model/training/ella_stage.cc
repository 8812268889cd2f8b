#include "model/training/ella_stage.h"

#include <c10/core/GradMode.h>

#include "model/training/token_batch.h"

namespace ella {
namespace {
// Of so many steps, one shows short captions, one those with the places of all
// objects and two those with relations; the others dense ones.
constexpr uint64_t kKindsCycle = 8;
// One step in these is of fixed length.
constexpr uint64_t kFixedEvery = 5;
}  // namespace

EllaStage::EllaStage(NetworkParts* parts, const DiffusionData& data,
                     const T5Tokenizer* tokenizer,
                     const ClipTokenizer* clip_tokenizer)
    : DiffusionStage(parts, data),
      tokenizer_(*tokenizer),
      clip_tokenizer_(clip_tokenizer),
      unet_(parts->MakeUnet()),
      t5_(parts->MakeT5()),
      clip_(clip_tokenizer ? parts->MakeClip() : nullptr) {}

at::Tensor EllaStage::Error(const NoisyLatents& noisy,
                            const at::Tensor& context,
                            const TrainingBatch& drawn) {
  if (!clip_) return DiffusionStage::Error(noisy, context, drawn);
  std::vector<CrossAttention> seen;
  {
    const c10::NoGradGuard no_grad;
    const at::Tensor teacher =
        clip_->forward(TokenizeBatch(*clip_tokenizer_, drawn.plain_captions)
                           .to(networks().options().device));
    unet_->forward(noisy.latents, noisy.timesteps, {teacher}, &seen);
  }
  const std::vector<at::Tensor> told = unet_->CrossAttend(seen, {context});
  std::vector<at::Tensor> errors;
  for (size_t i = 0; i < told.size(); ++i) {
    const at::Tensor taught = seen[i].told.to(at::kFloat);
    errors.push_back((told[i].to(at::kFloat) - taught).square().mean() /
                     taught.square().mean());
  }
  return at::stack(errors).mean();
}

CaptionKind EllaStage::caption_kind(StepRandom* random) const {
  switch (random->Next() % kKindsCycle) {
    case 0:
      return CaptionKind::kShort;
    case 1:
      return CaptionKind::kPlaced;
    case 2:
    case 3:
      return CaptionKind::kRelated;
    default:
      return CaptionKind::kDense;
  }
}

absl::StatusOr<at::Tensor> EllaStage::Encode(
    const std::vector<std::string>& captions, const at::Tensor& timesteps,
    StepRandom* random) {
  const TokenMode mode = random->Next() % kFixedEvery == 0
                             ? TokenMode::kT5Fixed
                             : TokenMode::kT5Flexible;
  absl::StatusOr<TokenBatch> tokens = TokenizeBatch(tokenizer_, captions, mode);
  if (!tokens.ok()) return tokens.status();
  const LoadOptions& options = networks().options();
  const at::Tensor mask = tokens->mask.to(options.device);
  const at::Tensor text =
      t5_->forward(tokens->ids.to(options.device), mask, options.dtype);
  // At fixed length the connector attends to the padding, too.
  return networks().MakeConnector()->forward(
      text, timesteps, mode == TokenMode::kT5Fixed ? at::Tensor() : mask);
}

}  // namespace ella
