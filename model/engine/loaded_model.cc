#include "model/engine/loaded_model.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/weights/checkpoint.h"
#include "model/weights/fingerprint.h"

namespace ella {
namespace {

struct Checkpoints {
  Checkpoint t5, clip, connector, unet, vae;
};

absl::StatusOr<Checkpoints> OpenCheckpoints(const ModelFiles& files) {
  Checkpoints open;
  const auto folder = [](const std::string& path, const std::string& stem,
                         Checkpoint* result) {
    absl::StatusOr<Checkpoint> checkpoint = Checkpoint::OpenFolder(path, stem);
    if (checkpoint.ok()) *result = *std::move(checkpoint);
    return checkpoint.status();
  };
  const std::string diffusion = "diffusion_pytorch_model";
  absl::Status status = folder(files.t5, "model", &open.t5);
  status.Update(folder(files.sd15 + "/text_encoder", "model", &open.clip));
  status.Update(folder(files.sd15 + "/unet", diffusion, &open.unet));
  status.Update(folder(files.sd15 + "/vae", diffusion, &open.vae));
  absl::StatusOr<Checkpoint> connector = Checkpoint::OpenFile(files.ella);
  status.Update(connector.status());
  if (!status.ok()) return status;
  open.connector = *std::move(connector);
  return open;
}

template <typename Network, typename Config>
absl::Status LoadNetwork(const std::string& name, Checkpoint checkpoint,
                         const Config& config, const LoadOptions& options,
                         const KeyMapping& mapping,
                         std::unique_ptr<Network>* network, int64_t* bytes) {
  ParameterLoader loader(name, std::move(checkpoint), options, mapping);
  *network = std::make_unique<Network>(loader.root(), config);
  *bytes += loader.bytes();
  return loader.Finish();
}

struct Configs {
  T5Config t5;
  ClipConfig clip;
  ConnectorConfig connector;
};

absl::StatusOr<Configs> LoadConfigs(const ModelFiles& files,
                                    const Checkpoints& checkpoints,
                                    LoadedModel* model) {
  Configs configs;
  absl::Status status;
  const auto take = [&status](auto result, auto* place) {
    if (result.ok()) {
      *place = *std::move(result);
    } else {
      status.Update(result.status());
    }
  };
  take(LoadNoiseSchedule(files.sd15 + "/scheduler/scheduler_config.json"),
       &model->schedule);
  take(UNetConfig::Load(files.sd15 + "/unet/config.json"), &model->unet_config);
  take(VaeConfig::Load(files.sd15 + "/vae/config.json"), &model->vae_config);
  take(ClipConfig::Load(files.sd15 + "/text_encoder/config.json"),
       &configs.clip);
  take(T5Config::Load(files.t5 + "/config.json"), &configs.t5);
  take(ConnectorConfig::Load(checkpoints.connector, files.EllaConfig()),
       &configs.connector);
  take(GenerationDefaults::Load(files.EllaConfig()), &model->defaults);
  take(T5Tokenizer::Load(files.t5), &model->t5_tokenizer);
  take(ClipTokenizer::Load(files.sd15 + "/tokenizer"), &model->clip_tokenizer);
  if (!status.ok()) return status;
  return configs;
}

absl::Status CheckFit(const Configs& configs, const LoadedModel& model) {
  struct Pair {
    const char* what;
    int64_t one, other;
  };
  const Pair equal[] = {
      {"T5's d_model and the connector's input", configs.t5.d_model,
       configs.connector.text_width},
      {"the connector's width and the UNet's cross_attention_dim",
       configs.connector.width, model.unet_config.context_width},
      {"CLIP's hidden_size and the UNet's cross_attention_dim",
       configs.clip.width, model.unet_config.context_width},
      {"the VAE's latent_channels and the UNet's in_channels",
       model.vae_config.latent_channels, model.unet_config.in_channels},
  };
  for (const Pair& pair : equal) {
    if (pair.one != pair.other) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the parts of the model don't fit each other: ", pair.what, " are ",
          pair.one, " and ", pair.other));
    }
  }
  const Pair enough[] = {
      {"T5's tokenizer", model.t5_tokenizer->vocab_size(),
       configs.t5.vocab_size},
      {"CLIP's tokenizer", model.clip_tokenizer->vocab_size(),
       configs.clip.vocab_size},
  };
  for (const Pair& pair : enough) {
    if (pair.one > pair.other) {
      return absl::InvalidArgumentError(
          absl::StrCat(pair.what, " has ", pair.one,
                       " tokens, its encoder only ", pair.other));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<LoadedModel> LoadModel(const ModelFiles& files,
                                      const ComputePlan& plan) {
  absl::StatusOr<Checkpoints> checkpoints = OpenCheckpoints(files);
  if (!checkpoints.ok()) return checkpoints.status();
  LoadedModel model;
  absl::StatusOr<Configs> configs = LoadConfigs(files, *checkpoints, &model);
  if (!configs.ok()) return configs.status();
  if (absl::Status status = CheckFit(*configs, model); !status.ok()) {
    return status;
  }
  absl::StatusOr<std::string> fingerprint =
      Fingerprint({{"clip", &checkpoints->clip},
                   {"connector", &checkpoints->connector},
                   {"t5", &checkpoints->t5},
                   {"unet", &checkpoints->unet},
                   {"vae", &checkpoints->vae}});
  if (!fingerprint.ok()) return fingerprint.status();
  model.fingerprint = *std::move(fingerprint);

  // Each checkpoint is moved, so that its file is let go when its network has
  // its own copy.
  const LoadOptions options = {plan.device, plan.dtype};
  const LoadOptions t5_options = {plan.device, plan.t5_weights};
  absl::Status status =
      LoadNetwork("T5", std::move(checkpoints->t5), configs->t5, t5_options,
                  T5KeyMapping(), &model.t5, &model.weight_bytes);
  status.Update(LoadNetwork("CLIP", std::move(checkpoints->clip), configs->clip,
                            options, ClipKeyMapping(), &model.clip,
                            &model.weight_bytes));
  status.Update(LoadNetwork("connector", std::move(checkpoints->connector),
                            configs->connector, options, {}, &model.connector,
                            &model.weight_bytes));
  status.Update(LoadNetwork("UNet", std::move(checkpoints->unet),
                            model.unet_config, options, {}, &model.unet,
                            &model.weight_bytes));
  status.Update(LoadNetwork("VAE", std::move(checkpoints->vae),
                            model.vae_config, options, VaeDecoderKeyMapping(),
                            &model.vae, &model.weight_bytes));
  if (!status.ok()) return status;
  return model;
}

}  // namespace ella
