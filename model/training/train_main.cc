// ella-train: ELLA's recipe, stage by stage.
#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>
#include <string>

#include "model/engine/torch_status.h"
#include "model/runtime/device.h"
#include "model/training/demo_training.h"

namespace {

constexpr int kStopped = 130;  // as a shell reports Ctrl-C

// SIGINT and SIGTERM are held back, and asked for after each step.
void HoldSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

bool SignalCame() {
  sigset_t signals;
  sigpending(&signals);
  return sigismember(&signals, SIGINT) == 1 ||
         sigismember(&signals, SIGTERM) == 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Trains the demo model from nothing: the VAE, then a UNet with a "
      "CLIP-like text encoder on short captions, then T5 and the ELLA "
      "connector on dense captions. Run the same again to go on after a stop.");
  ella::DemoTrainingOptions options;
  ella::EngineOptions engine;
  int64_t steps = 0;
  app.add_option("--out", options.folder, "Where everything goes")
      ->type_name("DIR")
      ->required();
  app.add_option("--side", options.side, "Pixels along a picture's side")
      ->check(CLI::IsMember({64, 96, 128}))
      ->capture_default_str();
  app.add_option("--steps", steps, "Steps of each stage")
      ->check(CLI::Range(1, 100000000));
  app.add_option("--vae-steps", options.vae_steps)->capture_default_str();
  app.add_option("--sd-steps", options.sd_steps)->capture_default_str();
  app.add_option("--ella-steps", options.ella_steps)->capture_default_str();
  app.add_option("--batch", options.batch, "Pictures a step")
      ->check(CLI::Range(1, 65536))
      ->capture_default_str();
  app.add_option("--learning-rate", options.learning_rate, "At its highest")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--seed", options.seed)->capture_default_str();
  app.add_option("--checkpoint-every", options.checkpoint_every, "In steps")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  app.add_option("--sheet-every", options.sheet_every,
                 "Steps between sheets of sample pictures; 0: none")
      ->check(CLI::Range(0, 1000000))
      ->capture_default_str();
  app.add_option("--device", engine.device, "auto, cpu, cuda or cuda:N")
      ->capture_default_str();
  app.add_option("--dtype", engine.dtype,
                 "What is computed in; the weights are trained in float32")
      ->check(CLI::IsMember({"auto", "float32", "bfloat16"}))
      ->capture_default_str();
  app.add_option("--threads", engine.threads, "Of an operator; 0: one a core")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  if (steps > 0) {
    options.vae_steps = options.sd_steps = options.ella_steps = steps;
  }
  options.stop_wanted = SignalCame;
  options.report = [](const std::string& line) {
    std::cout << line << std::endl;
  };

  HoldSignals();
  const absl::Status status = ella::CatchTorch([&] {
    const absl::StatusOr<ella::ComputePlan> plan = ella::PlanCompute(engine);
    if (!plan.ok()) return plan.status();
    // float16 would need its gradients scaled.
    options.compute = {
        .device = plan->device,
        .dtype = plan->dtype == at::kHalf ? at::kBFloat16 : plan->dtype};
    return ella::TrainDemoModel(options);
  });
  if (status.ok()) return 0;
  std::cerr << "ella-train: " << status.message() << "\n";
  return absl::IsCancelled(status) ? kStopped : 1;
}
