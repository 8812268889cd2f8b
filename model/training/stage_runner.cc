#include "model/training/stage_runner.h"

#include <c10/core/GradMode.h>

#include <chrono>
#include <filesystem>
#include <numeric>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "image/png_codec.h"
#include "model/weights/checkpoint.h"

namespace ella {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kReportEvery{10};

double SecondsSince(Clock::time_point time) {
  return std::chrono::duration<double>(Clock::now() - time).count();
}

// The parts' parameters under one roof: "unet/conv_in.weight".
ParameterSet Join(const std::vector<Part>& parts,
                  const NetworkParts& networks) {
  ParameterSet joined;
  for (const Part part : parts) {
    for (const auto& [name, parameter] : networks.Get(part)) {
      joined[absl::StrCat(PartName(part), "/", name)] = parameter;
    }
  }
  return joined;
}

class Run {
 public:
  Run(const RunOptions& options, Stage* stage, NetworkParts* networks)
      : options_(options),
        stage_(*stage),
        networks_(*networks),
        optimizer_(OptimizerOf(options), Join(stage->parts(), *networks)) {}

  absl::StatusOr<StageResult> ToTheEnd() {
    if (absl::Status status = Resume(); !status.ok()) return status;
    bool stopped = false;
    while (optimizer_.steps_done() < options_.steps && !stopped) {
      absl::Status status = Step();
      if (!status.ok()) return status;
      stopped = options_.stop_wanted && options_.stop_wanted();
      const int64_t step = optimizer_.steps_done();
      if (stopped || step % options_.checkpoint_every == 0) {
        status = WriteCheckpoint();
      }
      if (status.ok() && options_.sheet_every > 0 &&
          (step % options_.sheet_every == 0 || step == options_.steps)) {
        status = WriteSheet();
      }
      if (!status.ok()) return status;
    }
    stopped = optimizer_.steps_done() < options_.steps;
    if (!stopped) {
      TakeAverages();
      const c10::NoGradGuard no_grad;
      if (absl::Status status = stage_.Finish(); !status.ok()) return status;
    }
    const size_t tenth = std::max<size_t>(losses_.size() / 10, 1);
    return StageResult{.stopped = stopped,
                       .first_loss = MeanLoss(0, tenth),
                       .last_loss = MeanLoss(losses_.size() - tenth, tenth)};
  }

 private:
  static OptimizerOptions OptimizerOf(const RunOptions& options) {
    OptimizerOptions optimizer = options.optimizer;
    optimizer.total_steps = options.steps;
    return optimizer;
  }

  // What a checkpoint must agree with.
  std::map<std::string, std::string> Identity() const {
    return {{"stage", stage_.name()},
            {"seed", absl::StrCat(options_.seed)},
            {"batch", absl::StrCat(options_.batch)},
            {"steps", absl::StrCat(options_.steps)}};
  }

  absl::Status Resume() {
    if (!std::filesystem::exists(options_.checkpoint)) return absl::OkStatus();
    absl::StatusOr<std::unique_ptr<SafetensorsFile>> file =
        SafetensorsFile::Open(options_.checkpoint);
    if (!file.ok()) return file.status();
    const auto& metadata = (*file)->metadata();
    for (const auto& [key, value] : Identity()) {
      const auto found = metadata.find(key);
      if (found == metadata.end() || found->second != value) {
        return absl::InvalidArgumentError(absl::StrCat(
            options_.checkpoint, " is of another run: its ", key, " is ",
            found == metadata.end() ? "not told" : found->second, ", not ",
            value, "; remove it to begin again"));
      }
    }
    int64_t steps_done = 0;
    const auto found = metadata.find("steps_done");
    if (found == metadata.end() ||
        !absl::SimpleAtoi(found->second, &steps_done)) {
      return absl::InvalidArgumentError(
          absl::StrCat(options_.checkpoint, " doesn't tell its steps"));
    }
    absl::StatusOr<Checkpoint> checkpoint =
        Checkpoint::OpenFile(options_.checkpoint);
    if (!checkpoint.ok()) return checkpoint.status();
    absl::StatusOr<ParameterSet> state =
        LoadParameters(*checkpoint, {.device = networks_.options().device});
    if (!state.ok()) return state.status();
    Report(absl::StrCat(stage_.name(), ": going on after step ", steps_done));
    return optimizer_.SetState(*state, steps_done);
  }

  absl::Status WriteCheckpoint() {
    std::map<std::string, std::string> metadata = Identity();
    metadata["steps_done"] = absl::StrCat(optimizer_.steps_done());
    return WriteSafetensors(options_.checkpoint,
                            ToStored(optimizer_.State(), at::kFloat), metadata);
  }

  absl::Status Step() {
    absl::StatusOr<at::Tensor> loss = stage_.Loss(
        StepRandom(options_.seed, optimizer_.steps_done()), options_.batch);
    if (!loss.ok()) return loss.status();
    const double value = loss->item<double>();
    if (!std::isfinite(value)) {
      return absl::InternalError(
          absl::StrCat(stage_.name(), ": the loss of step ",
                       optimizer_.steps_done() + 1, " is ", value));
    }
    loss->backward();
    optimizer_.Step();
    losses_.push_back(value);
    if (Clock::now() - last_report_ >= kReportEvery ||
        optimizer_.steps_done() == options_.steps) {
      ReportProgress();
    }
    return absl::OkStatus();
  }

  void ReportProgress() {
    const int64_t step = optimizer_.steps_done();
    const size_t since = losses_.size() - reported_;
    const double seconds =
        SecondsSince(last_report_) / static_cast<double>(since);
    Report(absl::StrFormat(
        "%s step %d/%d  loss %.4f  %.2f s a step  %s left", stage_.name(), step,
        options_.steps, MeanLoss(reported_, since), seconds,
        absl::FormatDuration(absl::Trunc(
            absl::Seconds(seconds * static_cast<double>(options_.steps - step)),
            absl::Seconds(1)))));
    reported_ = losses_.size();
    last_report_ = Clock::now();
  }

  absl::Status WriteSheet() {
    const c10::NoGradGuard no_grad;
    const std::map<Part, ParameterSet> current = TakeAverages();
    absl::StatusOr<RgbImage> sheet = stage_.Sheet();
    for (const auto& [part, parameters] : current) {
      networks_.Set(part, parameters);
    }
    if (!sheet.ok()) return sheet.status();
    absl::StatusOr<std::string> png = EncodePng(*sheet, {});
    if (!png.ok()) return png.status();
    return WriteBytes(absl::StrFormat("%s/%s-%06d.png", options_.sheet_folder,
                                      stage_.name(), optimizer_.steps_done()),
                      *png);
  }

  // Puts the averages in place; returns what was there.
  std::map<Part, ParameterSet> TakeAverages() {
    std::map<Part, ParameterSet> current;
    const ParameterSet average = optimizer_.average();
    for (const Part part : stage_.parts()) {
      current[part] = networks_.Get(part);
      ParameterSet averages;
      for (const auto& [name, parameter] : current[part]) {
        averages[name] = average.at(absl::StrCat(PartName(part), "/", name));
      }
      networks_.Set(part, averages);
    }
    return current;
  }

  double MeanLoss(size_t begin, size_t count) const {
    if (count == 0 || losses_.empty()) return 0;
    const auto first = losses_.begin() + static_cast<std::ptrdiff_t>(begin);
    return std::accumulate(first, first + static_cast<std::ptrdiff_t>(count),
                           0.0) /
           static_cast<double>(count);
  }

  void Report(const std::string& line) {
    if (options_.report) options_.report(line);
  }

  const RunOptions& options_;
  Stage& stage_;
  NetworkParts& networks_;
  Optimizer optimizer_;
  std::vector<double> losses_;  // of this run
  size_t reported_ = 0;         // losses in the lines so far
  Clock::time_point last_report_ = Clock::now();
};

}  // namespace

absl::StatusOr<StageResult> RunStage(const RunOptions& options, Stage* stage,
                                     NetworkParts* networks) {
  return Run(options, stage, networks).ToTheEnd();
}

}  // namespace ella
