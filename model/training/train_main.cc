// ella-train: ELLA's recipe, stage by stage.
#include <ATen/Context.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>
#include <string>
#include <utility>

#include "model/engine/torch_status.h"
#include "model/runtime/device.h"
#include "model/training/connector_training.h"
#include "model/training/demo_training.h"

namespace {

constexpr int kBadUsage = 2;
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

struct Arguments {
  ella::DemoTrainingOptions demo;
  ella::ConnectorTrainingOptions connector;
  ella::EngineOptions engine;  // device, dtype, threads
  int64_t demo_steps = 0;      // of each stage; 0: as in `demo`
};

void AddComputeOptions(CLI::App* app, ella::EngineOptions* engine) {
  app->add_option("--device", engine->device, "auto, cpu, cuda or cuda:N")
      ->capture_default_str();
  app->add_option("--dtype", engine->dtype,
                  "What is computed in; weights are trained in float32")
      ->check(CLI::IsMember({"auto", "float32", "bfloat16"}))
      ->capture_default_str();
  app->add_option("--threads", engine->threads, "Of an operator; 0: one a core")
      ->capture_default_str();
}

// Fields that both ways of training have.
void AddRunOptions(CLI::App* app, int64_t* batch, double* learning_rate,
                   uint64_t* seed, int64_t* checkpoint_every,
                   int64_t* sheet_every) {
  app->add_option("--batch", *batch, "Pictures a step")
      ->check(CLI::Range(1, 65536))
      ->capture_default_str();
  app->add_option("--learning-rate", *learning_rate, "At its highest")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app->add_option("--seed", *seed)->capture_default_str();
  app->add_option("--checkpoint-every", *checkpoint_every, "In steps")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  app->add_option("--sheet-every", *sheet_every,
                  "Steps between sheets of sample pictures; 0: none")
      ->check(CLI::Range(0, 1000000))
      ->capture_default_str();
}

void AddDemoOptions(CLI::App* app, Arguments* arguments) {
  ella::DemoTrainingOptions& demo = arguments->demo;
  app->add_option("--out", demo.folder,
                  "Where all goes: model/, sheets/, and trained/ to go on from")
      ->type_name("DIR");
  app->add_option("--init", demo.init,
                  "A model directory to begin with; without it, from random "
                  "weights")
      ->type_name("DIR");
  app->add_option("--side", demo.side, "Pixels along a picture's side")
      ->check(CLI::IsMember({64, 96, 128}))
      ->capture_default_str();
  app->add_option("--steps", arguments->demo_steps, "Of each stage alike")
      ->check(CLI::Range(1, 100000000));
  for (const auto& [name, steps] : {std::pair{"--vae-steps", &demo.vae_steps},
                                    {"--teacher-steps", &demo.teacher_steps},
                                    {"--t5-steps", &demo.t5_steps},
                                    {"--unet-steps", &demo.unet_steps},
                                    {"--clip-steps", &demo.clip_steps},
                                    {"--ella-steps", &demo.ella_steps}}) {
    app->add_option(name, *steps, "Of one stage; 0 leaves it out")
        ->check(CLI::Range(0, 100000000))
        ->capture_default_str();
  }
  app->add_flag("--keep-latents", demo.keep_latents,
                "Train the VAE's decoder alone, for the UNet of --init");
  app->add_option("--lone-share", demo.lone_share,
                  "Of the UNet's batches: those of scenes with one object")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app->add_option("--placed-share", demo.placed_share,
                  "Those whose captions tell the place of each object")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app->add_option("--most-weight", demo.most_weight,
                  "How often the noisiest latents are drawn, at most")
      ->check(CLI::Range(1.0, 1000.0))
      ->capture_default_str();
  AddRunOptions(app, &demo.batch, &demo.learning_rate, &demo.seed,
                &demo.checkpoint_every, &demo.sheet_every);
  AddComputeOptions(app, &arguments->engine);
}

CLI::App* AddConnectorOptions(CLI::App* app, Arguments* arguments) {
  ella::ConnectorTrainingOptions& connector = arguments->connector;
  CLI::App* verb = app->add_subcommand(
      "connector",
      "Trains ELLA's connector alone, for a Stable Diffusion 1.5 and a T5 that "
      "stay as they are");
  verb->add_option("--sd15", connector.sd15, "A folder in diffusers layout")
      ->type_name("DIR")
      ->required();
  verb->add_option("--t5", connector.t5, "A folder as transformers saves it")
      ->type_name("DIR")
      ->required();
  verb->add_option("--init", connector.init,
                   "A connector to begin with; without it, from random weights")
      ->type_name("FILE");
  verb->add_option("--data", connector.data, "NAME.png beside NAME.txt")
      ->type_name("DIR")
      ->required();
  verb->add_option("--out", connector.out, "The connector, float16")
      ->type_name("FILE")
      ->required();
  verb->add_option("--side", connector.side,
                   "Pictures are scaled and cut to this many pixels")
      ->check(CLI::Range(8, 4096))
      ->capture_default_str();
  verb->add_option("--steps", connector.run.steps)
      ->check(CLI::Range(1, 100000000))
      ->capture_default_str();
  connector.run.batch = 8;
  connector.run.optimizer.learning_rate = 1e-4;
  AddRunOptions(verb, &connector.run.batch,
                &connector.run.optimizer.learning_rate, &connector.run.seed,
                &connector.run.checkpoint_every, &connector.run.sheet_every);
  AddComputeOptions(verb, &arguments->engine);
  return verb;
}

// Flash attention keeps the scores out of memory, which are small here, and on
// a processor makes gradients of thousands of small products. Whole matrices
// are faster in bfloat16, slower in float32.
void AttendByWholeMatrices() {
  at::globalContext().setSDPUseFlash(false);
  at::globalContext().setAllowFP16BF16ReductionMathSDP(true);
}

void Report(const std::string& line) { std::cout << line << std::endl; }

absl::Status Train(Arguments arguments, bool connector) {
  const absl::StatusOr<ella::ComputePlan> plan =
      ella::PlanCompute(arguments.engine);
  if (!plan.ok()) return plan.status();
  // float16 would need its gradients scaled.
  const ella::LoadOptions compute = {
      .device = plan->device,
      .dtype = plan->dtype == at::kHalf ? at::kBFloat16 : plan->dtype};
  if (connector) {
    arguments.connector.compute = compute;
    arguments.connector.run.stop_wanted = SignalCame;
    arguments.connector.run.report = Report;
    return ella::TrainConnector(arguments.connector);
  }
  if (plan->device.is_cpu() && compute.dtype == at::kBFloat16) {
    AttendByWholeMatrices();
  }
  arguments.demo.compute = compute;
  arguments.demo.stop_wanted = SignalCame;
  arguments.demo.report = Report;
  return ella::TrainDemoModel(arguments.demo);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Trains the demo model from nothing: the VAE, the teacher's and T5's "
      "text "
      "encoders, a UNet with the teacher, then the CLIP-like text encoder on "
      "short captions and the ELLA connector on dense ones. Run the same again "
      "to go on after a stop.");
  Arguments arguments;
  AddDemoOptions(&app, &arguments);
  const CLI::App* connector = AddConnectorOptions(&app, &arguments);
  CLI11_PARSE(app, argc, argv);
  if (!connector->parsed() && arguments.demo.folder.empty()) {
    std::cerr << "ella-train: --out is required\n";
    return kBadUsage;
  }
  if (arguments.demo_steps > 0) {
    arguments.demo.vae_steps = arguments.demo.teacher_steps =
        arguments.demo.t5_steps = arguments.demo.unet_steps =
            arguments.demo.clip_steps = arguments.demo.ella_steps =
                arguments.demo_steps;
  }

  HoldSignals();
  const absl::Status status =
      ella::CatchTorch([&] { return Train(arguments, connector->parsed()); });
  if (status.ok()) return 0;
  std::cerr << "ella-train: " << status.message() << "\n";
  return absl::IsCancelled(status) ? kStopped : 1;
}
