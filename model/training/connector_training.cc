#include "model/training/connector_training.h"

#include <filesystem>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/training/ella_stage.h"
#include "model/training/folder_data.h"
#include "model/training/network_parts.h"
#include "model/weights/checkpoint.h"

namespace ella {
namespace {

// The published connector's sizes for a text encoder and a UNet.
EllaSizes SizesFor(const T5Config& t5, const UNetConfig& unet) {
  return {.time_embedding = unet.context_width,
          .width = unet.context_width,
          .input = t5.d_model};
}

class ConnectorTraining {
 public:
  explicit ConnectorTraining(const ConnectorTrainingOptions& options)
      : options_(options) {}

  absl::Status Run() {
    absl::StatusOr<FolderData> data =
        FolderData::Open(options_.data, options_.side);
    if (!data.ok()) return data.status();
    if (absl::Status status = LoadNetworks(); !status.ok()) return status;
    absl::StatusOr<std::unique_ptr<T5Tokenizer>> tokenizer =
        T5Tokenizer::Load(options_.t5);
    if (!tokenizer.ok()) return tokenizer.status();
    absl::StatusOr<NoiseScheduleConfig> schedule =
        LoadNoiseSchedule(options_.sd15 + "/scheduler/scheduler_config.json");
    if (!schedule.ok()) return schedule.status();

    EllaStage stage(networks_.get(), {.data = &*data, .schedule = *schedule},
                    tokenizer->get());
    RunOptions run = options_.run;
    run.checkpoint = options_.out + ".checkpoint";
    run.sheet_folder =
        std::filesystem::absolute(options_.out).parent_path().string();
    absl::StatusOr<StageResult> result = RunStage(run, &stage, networks_.get());
    if (!result.ok()) return result.status();
    if (result->stopped) {
      return absl::CancelledError("stopped; run the same again to go on");
    }
    absl::Status status = WriteSafetensors(
        options_.out, ToStored(networks_->Get(Part::kElla), at::kHalf));
    if (!status.ok()) return status;
    std::error_code error;
    std::filesystem::remove(run.checkpoint, error);
    return absl::OkStatus();
  }

 private:
  absl::Status LoadNetworks() {
    NetworkConfigs configs;
    absl::StatusOr<VaeConfig> vae =
        VaeConfig::Load(options_.sd15 + "/vae/config.json");
    if (!vae.ok()) return vae.status();
    absl::StatusOr<UNetConfig> unet =
        UNetConfig::Load(options_.sd15 + "/unet/config.json");
    if (!unet.ok()) return unet.status();
    absl::StatusOr<T5Config> t5 = T5Config::Load(options_.t5 + "/config.json");
    if (!t5.ok()) return t5.status();
    if (options_.side % vae->scale() != 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("pictures of ", options_.side,
                       " pixels don't fit a VAE of factor ", vae->scale()));
    }
    configs.vae = *vae;
    configs.unet = *unet;
    configs.t5 = *t5;
    absl::StatusOr<ParameterSet> connector = Connector(&configs);
    if (!connector.ok()) return connector.status();
    networks_ = std::make_unique<NetworkParts>(configs, options_.compute);
    networks_->Set(Part::kElla, *std::move(connector));

    // The decoder too, for the sheets.
    absl::Status status = LoadFrozen(Part::kVae, options_.sd15 + "/vae",
                                     "diffusion_pytorch_model", {});
    status.Update(LoadFrozen(Part::kUnet, options_.sd15 + "/unet",
                             "diffusion_pytorch_model", {}));
    status.Update(LoadFrozen(Part::kT5, options_.t5, "model", T5KeyMapping()));
    return status;
  }

  absl::Status LoadFrozen(Part part, const std::string& folder,
                          const std::string& stem, const KeyMapping& mapping) {
    absl::StatusOr<Checkpoint> checkpoint =
        Checkpoint::OpenFolder(folder, stem);
    if (!checkpoint.ok()) return checkpoint.status();
    LoadOptions options = options_.compute;
    // ELLA was trained on features of float16 weights.
    if (part == Part::kT5) options.dtype = at::kHalf;
    absl::StatusOr<ParameterSet> parameters =
        LoadParameters(*checkpoint, options, mapping);
    if (!parameters.ok()) return parameters.status();
    networks_->Set(part, *std::move(parameters));
    return absl::OkStatus();
  }

  absl::StatusOr<ParameterSet> Connector(NetworkConfigs* configs) const {
    const at::Device device = options_.compute.device;
    if (options_.init.empty()) {
      const EllaSizes sizes = SizesFor(configs->t5, configs->unet);
      configs->ella = ConnectorConfigOf(sizes);
      return InitialParameters(EllaShapes(sizes), options_.run.seed, device);
    }
    absl::StatusOr<Checkpoint> checkpoint = Checkpoint::OpenFile(options_.init);
    if (!checkpoint.ok()) return checkpoint.status();
    absl::StatusOr<ConnectorConfig> config =
        ConnectorConfig::Load(*checkpoint, std::filesystem::path(options_.init)
                                               .replace_filename("config.json")
                                               .string());
    if (!config.ok()) return config.status();
    if (config->text_width != configs->t5.d_model ||
        config->width != configs->unet.context_width) {
      return absl::InvalidArgumentError(absl::StrCat(
          options_.init, " is for texts of width ", config->text_width,
          " and a UNet of context width ", config->width, ", not ",
          configs->t5.d_model, " and ", configs->unet.context_width));
    }
    configs->ella = *config;
    return LoadParameters(*checkpoint, {.device = device});
  }

  const ConnectorTrainingOptions& options_;
  std::unique_ptr<NetworkParts> networks_;
};

}  // namespace

absl::Status TrainConnector(const ConnectorTrainingOptions& options) {
  return ConnectorTraining(options).Run();
}

}  // namespace ella
