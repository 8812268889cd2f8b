#include "model/training/ella_stage.h"

#include "model/training/token_batch.h"

namespace ella {
namespace {
// Of so many steps one is of short captions, and one of lone objects.
constexpr uint64_t kNotDenseEvery = 8;
// One step in these is of fixed length.
constexpr uint64_t kFixedEvery = 5;
}  // namespace

EllaStage::EllaStage(NetworkParts* parts, const DiffusionData& data,
                     const T5Tokenizer* tokenizer, bool train_t5)
    : DiffusionStage(parts, data),
      tokenizer_(*tokenizer),
      unet_(parts->MakeUnet()),
      t5_(train_t5 ? nullptr : parts->MakeT5()) {}

CaptionKind EllaStage::caption_kind(StepRandom* random) const {
  switch (random->Next() % kNotDenseEvery) {
    case 0:
      return CaptionKind::kShort;
    case 1:
      return CaptionKind::kLone;
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
  const at::Tensor ids = tokens->ids.to(options.device);
  const at::Tensor text =
      t5_ ? t5_->forward(ids, mask, options.dtype)
          : networks().MakeT5()->forward(ids, mask, options.dtype);
  // At fixed length the connector attends to the padding, too.
  return networks().MakeConnector()->forward(
      text, timesteps, mode == TokenMode::kT5Fixed ? at::Tensor() : mask);
}

}  // namespace ella
