#include "server/rpc/model_messages.h"

namespace ella {

v1::Model ModelMessage(const ModelInfo& info, const RequestLimits& limits) {
  v1::Model model;
  model.set_name(info.name);
  model.set_fingerprint(info.fingerprint);
  model.set_device(info.device);
  model.set_dtype(info.dtype);
  model.set_t5_dtype(info.t5_dtype);
  model.mutable_samplers()->Assign(info.samplers.begin(), info.samplers.end());
  model.add_conditionings(v1::CONDITIONING_ELLA);
  model.add_conditionings(v1::CONDITIONING_ELLA_FIXED);
  model.add_conditionings(v1::CONDITIONING_CLIP);

  v1::Limits* most = model.mutable_limits();
  most->set_max_pixels(limits.max_pixels);
  most->set_size_multiple(info.latent_scale);
  most->set_max_steps(limits.max_steps);
  most->set_max_images(limits.max_images);
  most->set_max_prompt_tokens(limits.max_prompt_tokens);
  most->set_max_guidance_scale(limits.max_guidance_scale);

  v1::Defaults* defaults = model.mutable_defaults();
  defaults->set_width(info.default_width);
  defaults->set_height(info.default_height);
  defaults->set_steps(info.default_steps);
  defaults->set_guidance_scale(info.default_guidance_scale);
  defaults->set_sampler(GenerationParams().sampler);
  return model;
}

}  // namespace ella
