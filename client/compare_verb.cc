#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cancellation.h"
#include "client/compare_prompts.h"
#include "client/connection.h"
#include "client/error_report.h"
#include "client/generate_request.h"
#include "client/grid_report.h"
#include "client/grid_runner.h"
#include "client/interrupt_watcher.h"
#include "client/output_files.h"
#include "client/picture_options.h"
#include "client/verbs.h"
#include "image/image_metadata.h"
#include "image/utf8.h"

namespace ella {
namespace {

// The reference's test; its seed is PictureOptions' own.
constexpr uint32_t kSteps = 50;
constexpr float kGuidance = 12;
constexpr int kGutter = 2;

struct CompareOptions {
  PictureOptions pictures;
  std::vector<std::string> prompts;
  std::optional<std::string> prompts_path;
  std::string out_dir = "compare";
  std::vector<std::string> columns = {"clip", "ella-fixed", "ella"};
};

absl::StatusOr<std::vector<NamedPrompt>> PromptsOf(
    const CompareOptions& options) {
  if (options.prompts_path) return ReadNamedPrompts(*options.prompts_path);
  if (options.prompts.empty()) return DefaultPrompts();
  for (const std::string& prompt : options.prompts) {
    if (!IsValidUtf8(prompt)) {
      return absl::InvalidArgumentError("the prompt is not UTF-8");
    }
  }
  std::vector<NamedPrompt> prompts = NumberedPrompts(options.prompts);
  if (prompts.empty()) {
    return absl::InvalidArgumentError("the prompt is empty");
  }
  return prompts;
}

std::string PathOf(const CompareOptions& options, const std::string& name) {
  return (std::filesystem::path(options.out_dir) / (name + ".png")).string();
}

// Makes the folder. Before the server works for nothing.
absl::Status CheckOutputs(const CompareOptions& options,
                          const std::vector<NamedPrompt>& prompts) {
  std::error_code error;
  std::filesystem::create_directories(options.out_dir, error);
  if (error) {
    return absl::ErrnoToStatus(error.value(),
                               absl::StrCat("cannot make ", options.out_dir));
  }
  absl::Status status;
  for (const NamedPrompt& prompt : prompts) {
    status.Update(CheckWritable(PathOf(options, prompt.name)));
  }
  return status;
}

// The test's numbers count unless the model has numbers of its own: other ones
// than any Stable Diffusion 1.5 has here.
void UseTestDefaults(PictureOptions* options, const PictureSettings& settings) {
  const GenerationParams usual;
  if (settings.params.steps == usual.steps && !options->steps) {
    options->steps = kSteps;
  }
  if (settings.params.guidance_scale == usual.guidance_scale &&
      !options->guidance) {
    options->guidance = kGuidance;
  }
}

absl::StatusOr<PictureSettings> SettingsOf(const CompareOptions& options,
                                           const Streams& streams,
                                           Cancellation* cancellation) {
  const absl::StatusOr<v1::ListModelsResponse> models =
      Connect(options.pictures.server, streams.err, cancellation)
          ->ListModels(DeadlineAfter(options.pictures.timeout_s));
  if (!models.ok()) return models.status();
  const absl::StatusOr<PictureSettings> settings =
      ResolveSettings(options.pictures, *models);
  if (!settings.ok()) return settings;
  PictureOptions with_test = options.pictures;
  UseTestDefaults(&with_test, *settings);
  return ResolveSettings(with_test, *models);
}

GridJob JobOf(const CompareOptions& options, const NamedPrompt& prompt,
              PictureSettings settings) {
  settings.params.prompt = prompt.text;
  GridJob job;
  job.name = prompt.name;
  job.path = PathOf(options, prompt.name);
  job.texts = SettingsTexts(settings);
  std::erase_if(job.texts,
                [](const PngText& text) { return text.key == "conditioning"; });
  job.texts.push_back({"columns", absl::StrJoin(options.columns, ",")});
  for (const std::string& column : options.columns) {
    GenerationParams params = settings.params;
    params.conditioning = *ConditioningFromName(column);
    params.fixed_negative =
        params.fixed_negative && params.conditioning == Conditioning::kElla;
    job.requests.push_back(RequestOf(params));
  }
  return job;
}

absl::Status Draw(const CompareOptions& options,
                  const std::vector<NamedPrompt>& prompts,
                  const Streams& streams, GridReport* report) {
  Cancellation cancellation;
  // Ahead of gRPC's threads.
  InterruptWatcher watcher([&cancellation] { cancellation.Cancel(); });
  const absl::StatusOr<PictureSettings> settings =
      SettingsOf(options, streams, &cancellation);
  if (!settings.ok()) return settings.status();
  std::vector<GridJob> jobs;
  for (const NamedPrompt& prompt : prompts) {
    jobs.push_back(JobOf(options, prompt, *settings));
  }
  report->json()["columns"] = options.columns;
  report->json()["seed"] = settings->params.seed;
  report->json()["steps"] = settings->params.steps;
  report->json()["guidance_scale"] = settings->params.guidance_scale;
  GridRunnerOptions runner;
  runner.server = options.pictures.server;
  runner.layout = {.columns = static_cast<int>(options.columns.size()),
                   .gutter = kGutter};
  runner.in_flight = options.pictures.in_flight;
  runner.timeout_s = options.pictures.timeout_s;
  report->Attach(&runner);
  return DrawGrids(jobs, runner, &cancellation);
}

int Run(const CompareOptions& options, const Streams& streams) {
  GridReport report(streams, options.pictures.json);
  const absl::StatusOr<std::vector<NamedPrompt>> prompts = PromptsOf(options);
  absl::Status usage = prompts.status();
  if (usage.ok()) usage = CheckTexts(options.pictures);
  if (!usage.ok()) return report.Finish(usage, kBadUsage);
  absl::Status status = CheckOutputs(options, *prompts);
  if (status.ok()) status = Draw(options, *prompts, streams, &report);
  return report.Finish(status);
}

}  // namespace

Verb AddCompareVerb(CLI::App* ella) {
  CLI::App* app = ella->add_subcommand(
      "compare", "Draw prompts with plain SD1.5 and with ELLA, side by side");
  auto options = std::make_shared<CompareOptions>();
  app->footer(
      "One PNG a prompt; the pictures in it start from the same noise.\n"
      "Without --steps and --guidance the model's own count, if it has any, "
      "or\n"
      "else those of the reference's test: 50 steps, guidance 12; the seed is\n"
      "1001, as there. The settings of the reference's notebook are --steps "
      "70\n"
      "--guidance 11 --negative TEXT --prompts FILE; only its fixed length of\n"
      "256 tokens can't be had, since ella-fixed has 128.");
  CLI::Option* prompt = app->add_option("PROMPT", options->prompts,
                                        "What to draw, as 000.png, 001.png, "
                                        "... (nine prompts of our own)");
  app->add_option("--prompts", options->prompts_path,
                  "A file with a prompt a line, as 000.png, 001.png, ..., or a "
                  "folder with NAME.txt for NAME.png")
      ->type_name("FILE|FOLDER")
      ->excludes(prompt);
  app->add_option("-o,--out-dir", options->out_dir, "Where the PNGs go")
      ->type_name("FOLDER")
      ->capture_default_str();
  app->add_option("--columns", options->columns,
                  "What stands side by side: clip is plain SD1.5")
      ->type_name("LIST")
      ->delimiter(',')
      ->check(CLI::IsMember({"clip", "ella-fixed", "ella"}))
      ->allow_extra_args(false)
      ->default_str("clip,ella-fixed,ella");
  AddPictureOptions(app, &options->pictures);
  return {app,
          [options](const Streams& streams) { return Run(*options, streams); }};
}

}  // namespace ella
