// All networks and tokenizers of one ELLA-SD1.5 model, loaded and checked
// against one another.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "model/ella/semantic_connector.h"
#include "model/engine/generation_defaults.h"
#include "model/engine/model_files.h"
#include "model/runtime/device.h"
#include "model/sampling/noise_schedule_config.h"
#include "model/text/clip_text_encoder.h"
#include "model/text/clip_tokenizer.h"
#include "model/text/t5_encoder.h"
#include "model/text/t5_tokenizer.h"
#include "model/unet/unet.h"
#include "model/vae/vae_decoder.h"

namespace ella {

// Immutable once loaded.
struct LoadedModel {
  std::string fingerprint;
  int64_t weight_bytes = 0;
  GenerationDefaults defaults;
  NoiseScheduleConfig schedule;
  UNetConfig unet_config;
  VaeConfig vae_config;

  std::unique_ptr<T5Tokenizer> t5_tokenizer;
  std::unique_ptr<ClipTokenizer> clip_tokenizer;
  std::unique_ptr<T5Encoder> t5;
  std::unique_ptr<ClipTextEncoder> clip;
  std::unique_ptr<SemanticConnector> connector;
  std::unique_ptr<UNet> unet;
  std::unique_ptr<VaeDecoder> vae;
};

// NotFound or InvalidArgument with the file's name and what is wrong in it,
// also where two parts don't fit each other. Weights in the types of the plan
// stay in their mapped files; others are converted, and their files let go.
absl::StatusOr<LoadedModel> LoadModel(const ModelFiles& files,
                                      const ComputePlan& plan);

}  // namespace ella
