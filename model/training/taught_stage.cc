#include "model/training/taught_stage.h"

#include <c10/core/GradMode.h>

#include "model/training/token_batch.h"

namespace ella {

TaughtStage::TaughtStage(NetworkParts* parts, const DiffusionData& data,
                         const ClipTokenizer* teacher_tokenizer)
    : DiffusionStage(parts, data),
      teacher_tokenizer_(teacher_tokenizer),
      unet_(parts->MakeUnet()),
      teacher_(teacher_tokenizer ? parts->MakeTeacher() : nullptr) {}

at::Tensor TaughtStage::Error(const NoisyLatents& noisy,
                              const at::Tensor& context,
                              const TrainingBatch& drawn) {
  if (!teacher_) return DiffusionStage::Error(noisy, context, drawn);
  std::vector<CrossAttention> seen;
  {
    const c10::NoGradGuard no_grad;
    const at::Tensor taught = teacher_->forward(
        TokenizeBatch(*teacher_tokenizer_, drawn.plain_captions)
            .to(networks().options().device));
    unet_->forward(noisy.latents, noisy.timesteps, {taught}, &seen);
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

}  // namespace ella
