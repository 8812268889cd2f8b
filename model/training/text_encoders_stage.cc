#include "model/training/text_encoders_stage.h"

#include "model/training/layout_head.h"
#include "model/training/pixels.h"
#include "model/training/token_batch.h"

namespace ella {
namespace {

// The kinds of caption in steps, by chance: many of them with few other words
// than those whose meaning is sought.
CaptionKind ClipKind(uint64_t chance) {
  switch (chance % 4) {
    case 0:
      return CaptionKind::kLone;
    case 1:
      return CaptionKind::kShort;
    default:
      return CaptionKind::kPlaced;
  }
}
CaptionKind T5Kind(uint64_t chance) {
  return chance % 2 == 0 ? CaptionKind::kDense : ClipKind(chance / 2);
}

constexpr int64_t kSheetPictures = 8;
constexpr uint64_t kSheetSeed = 7;

}  // namespace

at::Tensor TextEncodersStage::ClipLayout(
    const std::vector<std::string>& captions) {
  const at::Tensor ids =
      TokenizeBatch(clip_, captions).to(parts_.options().device);
  return PredictLayout(parts_.Get(Part::kLayoutHead), "clip",
                       parts_.MakeClip()->forward(ids), {});
}

absl::StatusOr<at::Tensor> TextEncodersStage::T5Layout(
    const std::vector<std::string>& captions) {
  absl::StatusOr<TokenBatch> tokens =
      TokenizeBatch(t5_, captions, TokenMode::kT5Flexible);
  if (!tokens.ok()) return tokens.status();
  const LoadOptions& options = parts_.options();
  const at::Tensor mask = tokens->mask.to(options.device);
  const at::Tensor text = parts_.MakeT5()->forward(
      tokens->ids.to(options.device), mask, options.dtype);
  return PredictLayout(parts_.Get(Part::kLayoutHead), "t5", text, mask);
}

absl::StatusOr<at::Tensor> TextEncodersStage::Loss(StepRandom random,
                                                   int64_t batch) {
  const at::Device device = parts_.options().device;
  const auto error = [&device](const at::Tensor& layout,
                               const ShapeBatch& drawn) {
    const at::Tensor truth =
        LayoutOf(drawn.images.flatten(0, 1)).view(layout.sizes());
    return (layout - truth.to(device)).square().mean();
  };
  const CaptionKind clip_kind = ClipKind(random.Next());
  const CaptionKind t5_kind = T5Kind(random.Next());
  ShapeBatch drawn = data_.DrawShapes(random.Next(), batch, clip_kind);
  const at::Tensor clip_error = error(ClipLayout(drawn.captions), drawn);

  drawn = data_.DrawShapes(random.Next(), batch, t5_kind);
  const absl::StatusOr<at::Tensor> layout = T5Layout(drawn.captions);
  if (!layout.ok()) return layout.status();
  return clip_error + error(*layout, drawn);
}

absl::StatusOr<RgbImage> TextEncodersStage::Sheet() {
  std::vector<at::Tensor> rows;
  for (const CaptionKind kind : {CaptionKind::kShort, CaptionKind::kDense}) {
    absl::StatusOr<TrainingBatch> drawn =
        data_.Draw(kSheetSeed, kSheetPictures, kind);
    if (!drawn.ok()) return drawn.status();
    absl::StatusOr<at::Tensor> layout = T5Layout(drawn->captions);
    if (kind == CaptionKind::kShort) layout = ClipLayout(drawn->captions);
    if (!layout.ok()) return layout.status();
    rows.push_back(drawn->images);
    rows.push_back(
        DrawLayout(layout->sum(1).to(at::kCPU), drawn->images.size(3)));
  }
  return ToSheet(at::cat(rows), kSheetPictures);
}

}  // namespace ella
