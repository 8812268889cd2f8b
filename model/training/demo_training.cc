#include "model/training/demo_training.h"

#include <filesystem>
#include <memory>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/training/clip_stage.h"
#include "model/training/demo_model.h"
#include "model/training/ella_stage.h"
#include "model/training/network_parts.h"
#include "model/training/scene_data.h"
#include "model/training/stage_runner.h"
#include "model/training/text_encoder_stage.h"
#include "model/training/unet_stage.h"
#include "model/training/vae_stage.h"
#include "model/writing/folder_writer.h"
#include "model/writing/model_configs.h"

namespace ella {
namespace {

namespace fs = std::filesystem;

constexpr Part kModelParts[] = {Part::kVae, Part::kUnet, Part::kClip,
                                Part::kT5,  Part::kElla, Part::kTeacher};
constexpr int64_t kVaeCrop = 32;  // pixels
constexpr double kCommonNoise = 0.15;

class DemoTraining {
 public:
  explicit DemoTraining(const DemoTrainingOptions& options)
      : options_(options),
        model_folder_(fs::path(options.folder) / "model"),
        trained_folder_(fs::path(options.folder) / "trained"),
        data_(options.side) {}

  absl::Status Prepare() {
    if (absl::Status status = MakeFolders(); !status.ok()) return status;
    if (absl::Status status = LoadNetworks(); !status.ok()) return status;
    return LoadTokenizers();
  }

  absl::Status RunStages() {
    if (Wanted(Part::kVae, options_.vae_steps)) {
      VaeStage stage(networks_.get(), &data_, kVaeCrop, options_.keep_latents);
      if (absl::Status status = RunOne(&stage, options_.vae_steps);
          !status.ok()) {
        return status;
      }
    }
    if (Wanted(Part::kTeacherHead, options_.teacher_steps)) {
      TeacherStage stage(networks_.get(), &data_, clip_tokenizer_.get());
      if (absl::Status status = RunOne(&stage, options_.teacher_steps);
          !status.ok()) {
        return status;
      }
    }
    if (Wanted(Part::kT5Head, options_.t5_steps)) {
      T5Stage stage(networks_.get(), &data_, t5_tokenizer_.get());
      if (absl::Status status = RunOne(&stage, options_.t5_steps);
          !status.ok()) {
        return status;
      }
    }
    absl::StatusOr<NoiseScheduleConfig> schedule = LoadNoiseSchedule(
        (model_folder_ / "sd15/scheduler/scheduler_config.json").string());
    if (!schedule.ok()) return schedule.status();
    const DiffusionData data = {.data = &data_,
                                .schedule = *schedule,
                                .most_weight = options_.most_weight,
                                .common_noise = kCommonNoise};
    if (Wanted(Part::kUnet, options_.unet_steps)) {
      UnetStage stage(networks_.get(), data, clip_tokenizer_.get(),
                      options_.lone_share, options_.placed_share);
      if (absl::Status status = RunOne(&stage, options_.unet_steps);
          !status.ok()) {
        return status;
      }
    }
    if (Wanted(Part::kClip, options_.clip_steps)) {
      ClipStage stage(networks_.get(), data, clip_tokenizer_.get());
      if (absl::Status status = RunOne(&stage, options_.clip_steps);
          !status.ok()) {
        return status;
      }
    }
    if (Wanted(Part::kElla, options_.ella_steps)) {
      EllaStage stage(networks_.get(), data, t5_tokenizer_.get(),
                      clip_tokenizer_.get());
      return RunOne(&stage, options_.ella_steps);
    }
    return absl::OkStatus();
  }

 private:
  std::string TrainedFile(Part part) const {
    return (trained_folder_ / PartName(part)).string() + ".safetensors";
  }
  bool Done(Part part) const { return fs::exists(TrainedFile(part)); }
  bool Wanted(Part part, int64_t steps) const {
    return steps > 0 && !Done(part);
  }

  absl::Status MakeFolders() const {
    for (const fs::path& folder :
         {trained_folder_, fs::path(options_.folder) / "sheets"}) {
      std::error_code error;
      fs::create_directories(folder, error);
      if (error) {
        return absl::InternalError(absl::StrCat("can't make ", folder.string(),
                                                ": ", error.message()));
      }
    }
    return absl::OkStatus();
  }

  absl::Status LoadNetworks() {
    absl::StatusOr<DemoModel> demo =
        MakeDemoModel(options_.side, options_.seed);
    if (!demo.ok()) return demo.status();
    sizes_ = demo->sizes;
    // One that is there has the VAE's scaling factor.
    const bool made = fs::exists(model_folder_ / "ella/config.json");
    if (!made && Done(Part::kVae)) {
      return absl::FailedPreconditionError(absl::StrCat(
          trained_folder_.string(), " has a VAE, but ", model_folder_.string(),
          ", which has its scaling factor, is gone"));
    }
    const bool copy = !made && !options_.init.empty();
    if (!made && !copy) {
      FolderWriter writer(model_folder_);
      writer.Skeleton(sizes_, demo->clip, demo->spiece_model);
      if (!writer.status().ok()) return writer.status();
    }
    absl::StatusOr<NetworkConfigs> configs =
        LoadConfigs(copy ? options_.init : model_folder_.string(), sizes_);
    if (!configs.ok()) return configs.status();
    sizes_.clip.vocabulary = configs->clip.vocab_size;
    networks_ = std::make_unique<NetworkParts>(*configs, options_.compute);
    for (const Part part : {Part::kVae, Part::kUnet, Part::kClip, Part::kT5,
                            Part::kElla, Part::kTeacher, Part::kTeacherHead,
                            Part::kT5Head, Part::kGroundingProbes}) {
      if (absl::Status status = SetPart(part); !status.ok()) return status;
    }
    return copy ? CopyModel() : absl::OkStatus();
  }

  absl::Status CopyModel() const {
    // The last of them tells that all are there.
    for (const char* name : {"teacher", "sd15", "flan-t5", "ella"}) {
      std::error_code error;
      fs::create_directories(model_folder_, error);
      fs::copy(
          fs::path(options_.init) / name, model_folder_ / name,
          fs::copy_options::recursive | fs::copy_options::overwrite_existing,
          error);
      if (error) {
        return absl::InternalError(absl::StrCat(
            "can't copy ", options_.init, "/", name, ": ", error.message()));
      }
    }
    return absl::OkStatus();
  }

  // Where a part's weights are now; empty: nowhere yet.
  std::string WeightsFile(Part part) const {
    if (Done(part)) return TrainedFile(part);
    const std::string file = PartFile(part);
    if (options_.init.empty() || file.empty()) return "";
    return (fs::path(options_.init) / file).string();
  }

  absl::Status SetPart(Part part) {
    const at::Device device = options_.compute.device;
    const std::string file = WeightsFile(part);
    if (file.empty()) {
      networks_->Set(part, InitialParameters(PartShapes(part, sizes_),
                                             options_.seed, device));
      return absl::OkStatus();
    }
    absl::StatusOr<Checkpoint> checkpoint = Checkpoint::OpenFile(file);
    if (!checkpoint.ok()) return checkpoint.status();
    absl::StatusOr<ParameterSet> parameters =
        LoadParameters(*checkpoint, {.device = device});
    if (!parameters.ok()) return parameters.status();
    for (const TensorShape& shape : PartShapes(part, sizes_)) {
      const auto found = parameters->find(shape.name);
      if (found == parameters->end() || found->second.sizes() != shape.shape) {
        return absl::InvalidArgumentError(absl::StrCat(
            file, " has no ", shape.name, " of the demo model's shape"));
      }
    }
    networks_->Set(part, *std::move(parameters));
    return absl::OkStatus();
  }

  absl::Status LoadTokenizers() {
    auto clip =
        ClipTokenizer::Load((model_folder_ / "sd15/tokenizer").string());
    if (!clip.ok()) return clip.status();
    clip_tokenizer_ = *std::move(clip);
    auto t5 = T5Tokenizer::Load((model_folder_ / "flan-t5").string());
    if (!t5.ok()) return t5.status();
    t5_tokenizer_ = *std::move(t5);
    return absl::OkStatus();
  }

  absl::Status RunOne(Stage* stage, int64_t steps) {
    const RunOptions run = {
        .checkpoint =
            (trained_folder_ / stage->name()).string() + ".checkpoint",
        .sheet_folder = options_.folder + "/sheets",
        .seed = options_.seed,
        .steps = steps,
        .batch = options_.batch,
        .checkpoint_every = options_.checkpoint_every,
        .sheet_every = options_.sheet_every,
        .optimizer = {.learning_rate = options_.learning_rate,
                      .warmup_steps = std::min<int64_t>(200, steps / 10 + 1)},
        .stop_wanted = options_.stop_wanted,
        .report = options_.report};
    absl::StatusOr<StageResult> result = RunStage(run, stage, networks_.get());
    if (!result.ok()) return result.status();
    if (result->stopped) {
      return absl::CancelledError(absl::StrCat(
          "stopped in stage ", stage->name(), "; run the same again to go on"));
    }
    options_.report(absl::StrFormat("%s: loss %.4f at first, %.4f at last",
                                    stage->name(), result->first_loss,
                                    result->last_loss));
    if (absl::Status status = WriteModel(); !status.ok()) return status;
    // The stage is done once the last of these is there.
    for (const Part part : stage->parts()) {
      if (absl::Status status = WriteSafetensors(
              TrainedFile(part), ToStored(networks_->Get(part), at::kFloat));
          !status.ok()) {
        return status;
      }
    }
    std::error_code error;
    fs::remove(run.checkpoint, error);
    return absl::OkStatus();
  }

  // In float16, as the published weights are.
  absl::Status WriteModel() {
    sizes_.vae.scaling_factor = networks_->configs().vae.scaling_factor;
    FolderWriter writer(model_folder_);
    writer.File("sd15/vae/config.json", VaeConfigJson(sizes_.vae));
    for (const Part part : kModelParts) {
      writer.Weights(PartFile(part), ToStored(networks_->Get(part), at::kHalf));
    }
    return writer.status();
  }

  const DemoTrainingOptions& options_;
  const fs::path model_folder_;
  const fs::path trained_folder_;
  SceneData data_;
  ModelSizes sizes_;
  std::unique_ptr<NetworkParts> networks_;
  std::unique_ptr<ClipTokenizer> clip_tokenizer_;
  std::unique_ptr<T5Tokenizer> t5_tokenizer_;
};

}  // namespace

absl::Status TrainDemoModel(const DemoTrainingOptions& options) {
  DemoTraining training(options);
  if (absl::Status status = training.Prepare(); !status.ok()) return status;
  return training.RunStages();
}

}  // namespace ella
