#include "model/training/text_encoder_stage.h"

#include "model/training/layout_head.h"
#include "model/training/pixels.h"
#include "model/training/token_batch.h"

namespace ella {
namespace {
constexpr int64_t kSheetPictures = 16;
constexpr int64_t kSheetColumns = 8;
constexpr uint64_t kSheetSeed = 7;
}  // namespace

absl::StatusOr<at::Tensor> TextEncoderStage::Loss(StepRandom random,
                                                  int64_t batch) {
  const CaptionKind kind = caption_kind(random.Next());
  const ShapeBatch drawn = data_.DrawShapes(random.Next(), batch, kind);
  absl::StatusOr<at::Tensor> layout = Layout(drawn.captions);
  if (!layout.ok()) return layout.status();
  const at::Tensor shapes = SpreadUnplaced(LayoutOf(drawn.images.flatten(0, 1)),
                                           drawn.placed.flatten());
  const at::Tensor truth =
      WithBackground(shapes.unflatten(0, {batch, -1}), drawn.backgrounds);
  return (*layout - truth.to(layout->device())).square().mean();
}

absl::StatusOr<RgbImage> TextEncoderStage::Sheet() {
  absl::StatusOr<TrainingBatch> drawn =
      data_.Draw(kSheetSeed, kSheetPictures,
                 caption_kind(StepRandom(kSheetSeed, 0).Next()));
  if (!drawn.ok()) return drawn.status();
  absl::StatusOr<at::Tensor> layout = Layout(drawn->captions);
  if (!layout.ok()) return layout.status();
  const at::Tensor told =
      DrawLayout(layout->sum(1).to(at::kCPU), drawn->images.size(3));
  return ToSheet(at::cat({drawn->images, told}), kSheetColumns);
}

// Many of them with few other words than those whose meaning is sought.
CaptionKind TeacherStage::caption_kind(uint64_t chance) const {
  switch (chance % 4) {
    case 0:
      return CaptionKind::kLone;
    case 1:
      return CaptionKind::kShort;
    default:
      return CaptionKind::kPlaced;
  }
}

absl::StatusOr<at::Tensor> TeacherStage::Layout(
    const std::vector<std::string>& captions) {
  const at::Tensor ids =
      TokenizeBatch(tokenizer_, captions).to(networks().options().device);
  return PredictLayout(networks().Get(Part::kTeacherHead),
                       networks().MakeTeacher()->forward(ids), {});
}

CaptionKind T5Stage::caption_kind(uint64_t chance) const {
  switch (chance % 8) {
    case 0:
      return CaptionKind::kLone;
    case 1:
      return CaptionKind::kShort;
    case 2:
      return CaptionKind::kPlaced;
    case 3:
    case 4:
    case 5:
      return CaptionKind::kRelated;
    default:
      return CaptionKind::kDense;
  }
}

absl::StatusOr<at::Tensor> T5Stage::Layout(
    const std::vector<std::string>& captions) {
  absl::StatusOr<TokenBatch> tokens =
      TokenizeBatch(tokenizer_, captions, TokenMode::kT5Flexible);
  if (!tokens.ok()) return tokens.status();
  const LoadOptions& options = networks().options();
  const at::Tensor mask = tokens->mask.to(options.device);
  const at::Tensor text = networks().MakeT5()->forward(
      tokens->ids.to(options.device), mask, options.dtype);
  return PredictLayout(networks().Get(Part::kT5Head), text, mask);
}

}  // namespace ella
