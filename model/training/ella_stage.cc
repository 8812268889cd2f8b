#include "model/training/ella_stage.h"

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
                     const ClipTokenizer* teacher_tokenizer)
    : TaughtStage(parts, data, teacher_tokenizer),
      tokenizer_(*tokenizer),
      t5_(parts->MakeT5()) {}

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
