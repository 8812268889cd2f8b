#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cancellation.h"
#include "client/connection.h"
#include "client/dpg/generate_folder.h"
#include "client/error_report.h"
#include "client/generate_request.h"
#include "client/grid_report.h"
#include "client/grid_runner.h"
#include "client/input_files.h"
#include "client/interrupt_watcher.h"
#include "client/picture_options.h"
#include "client/verbs.h"
#include "image/image_metadata.h"

namespace ella {
namespace {

constexpr GridLayout kLayout = {.columns = 2, .rows = 2};

struct DpgGenerateOptions {
  PictureOptions pictures;
  std::string prompts_dir;
  std::string out_dir;
  std::string conditioning = "ella";
  int pic_num = 4;
};

// By id.
using Prompts = std::map<std::string, std::string>;

absl::StatusOr<std::string> ReadPrompt(const std::string& path) {
  absl::StatusOr<std::string> text = ReadTextFile(path);
  if (!text.ok()) return text;
  if (text->empty()) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is empty"));
  }
  if (std::filesystem::path(path).stem().has_extension()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": an id has no dot, since scorers end it there"));
  }
  return text;
}

// Those that can be read; the others are told to the report.
Prompts ReadDpgPrompts(const std::vector<std::string>& files,
                       GridReport* report) {
  Prompts prompts;
  for (const std::string& file : files) {
    const std::string id = std::filesystem::path(file).stem().string();
    absl::StatusOr<std::string> prompt = ReadPrompt(file);
    if (prompt.ok()) {
      prompts[id] = *std::move(prompt);
    } else {
      report->Failed(id, prompt.status());
    }
  }
  return prompts;
}

absl::StatusOr<PictureSettings> SettingsOf(const DpgGenerateOptions& options,
                                           const Streams& streams,
                                           Cancellation* cancellation) {
  const absl::StatusOr<v1::ListModelsResponse> models =
      Connect(options.pictures.server, streams.err, cancellation)
          ->ListModels(DeadlineAfter(options.pictures.timeout_s));
  if (!models.ok()) return models.status();
  absl::StatusOr<PictureSettings> settings =
      ResolveSettings(options.pictures, *models);
  if (!settings.ok()) return settings;
  GenerationParams& params = settings->params;
  if (params.width != params.height) {
    return absl::InvalidArgumentError(
        absl::StrCat("pictures must be square for scorers to cut them, were ",
                     params.width, "x", params.height));
  }
  params.conditioning = *ConditioningFromName(options.conditioning);
  params.num_images = options.pic_num;
  return settings;
}

std::vector<uint32_t> SeedsOf(const GenerationParams& params) {
  std::vector<uint32_t> seeds;
  for (int i = 0; i < params.num_images; ++i) seeds.push_back(params.seed + i);
  return seeds;
}

std::vector<PngText> TextsOf(const PictureSettings& settings) {
  std::vector<PngText> texts = SettingsTexts(settings);
  std::erase_if(texts,
                [](const PngText& text) { return text.key == "prompt"; });
  texts.push_back({"seeds", absl::StrJoin(SeedsOf(settings.params), ",")});
  return texts;
}

std::vector<GridJob> JobsOf(const Prompts& prompts, const GridFolder& folder,
                            const PictureSettings& settings,
                            const std::set<std::string>& finished) {
  std::vector<GridJob> jobs;
  for (const auto& [id, prompt] : prompts) {
    if (finished.count(id) > 0) continue;
    GenerationParams params = settings.params;
    params.prompt = prompt;
    GridJob job;
    job.name = id;
    job.path = folder.GridPath(id);
    job.requests = {RequestOf(params)};
    job.texts = TextsOf(settings);
    job.texts.push_back({"prompt", prompt});
    jobs.push_back(std::move(job));
  }
  return jobs;
}

absl::Status Draw(const DpgGenerateOptions& options, const Prompts& prompts,
                  const Streams& streams, GridReport* report) {
  Cancellation cancellation;
  // Ahead of gRPC's threads.
  InterruptWatcher watcher([&cancellation] { cancellation.Cancel(); });
  const auto folder = GridFolder::Open(options.out_dir);
  if (!folder.ok()) return folder.status();
  const absl::StatusOr<PictureSettings> settings =
      SettingsOf(options, streams, &cancellation);
  if (!settings.ok()) return settings.status();
  const absl::StatusOr<GridFolder::Survey> survey =
      (*folder)->Find(prompts, TextsOf(*settings));
  if (!survey.ok()) return survey.status();
  for (const std::string& note : survey->notes) {
    report->Note(absl::StrCat(note, "; drawing it again"));
  }
  const std::vector<GridJob> jobs =
      JobsOf(prompts, **folder, *settings, survey->finished);
  const size_t there = prompts.size() - jobs.size();
  report->json()["already_there"] = there;
  if (there > 0) {
    report->Note(absl::StrCat(there, " of ", prompts.size(),
                              " grids are there already"));
  }
  std::set<std::string> ids = survey->finished;
  for (const GridJob& job : jobs) ids.insert(job.name);
  const absl::Status status =
      (*folder)->WriteSeeds(ids, SeedsOf(settings->params));
  if (!status.ok()) return status;

  GridRunnerOptions runner;
  runner.server = options.pictures.server;
  runner.layout = kLayout;
  runner.in_flight = options.pictures.in_flight;
  runner.timeout_s = options.pictures.timeout_s;
  report->Attach(&runner);
  const absl::Status drawn = DrawGrids(jobs, runner, &cancellation);
  if (!drawn.ok()) {
    report->Note(absl::StrCat(there + report->json()["grids"].size(), " of ",
                              prompts.size(), " grids are in ", options.out_dir,
                              "; the same command goes on from there"));
  }
  return drawn;
}

int Run(const DpgGenerateOptions& options, const Streams& streams) {
  GridReport report(streams, options.pictures.json);
  const absl::StatusOr<std::vector<std::string>> files =
      ListTextFiles(options.prompts_dir);
  absl::Status usage = CheckTexts(options.pictures);
  usage.Update(files.status());
  if (usage.ok() && files->empty()) {
    usage = absl::InvalidArgumentError(
        absl::StrCat(options.prompts_dir, " has no <id>.txt"));
  }
  if (!usage.ok()) return report.Finish(usage, kBadUsage);
  const Prompts prompts = ReadDpgPrompts(*files, &report);
  return report.Finish(Draw(options, prompts, streams, &report));
}

}  // namespace

Verb AddDpgGenerateVerb(CLI::App* dpg) {
  CLI::App* app = dpg->add_subcommand(
      "generate", "Draw a grid of four pictures for each prompt of a folder");
  auto options = std::make_shared<DpgGenerateOptions>();
  app->footer(
      "<id>.txt becomes <id>.png: two rows of two pictures with the seeds "
      "seed,\nseed+1, ..., without gaps. The same command again goes on where "
      "the last one\nended. The settings stand in the PNGs, and a folder holds "
      "grids of one kind only;\nthe seeds stand in seeds.jsonl, too. Flags "
      "that aren't given are the model's\ndefaults.");
  app->add_option("PROMPTS", options->prompts_dir,
                  "The folder with a prompt in each <id>.txt")
      ->type_name("FOLDER")
      ->required();
  app->add_option("-o,--out-dir", options->out_dir, "Where the grids go")
      ->type_name("FOLDER")
      ->required();
  app->add_option("--conditioning", options->conditioning,
                  "ella: T5 and ELLA; ella-fixed: the same on 128 tokens; "
                  "clip: plain SD1.5")
      ->check(CLI::IsMember({"ella", "ella-fixed", "clip"}))
      ->capture_default_str();
  app->add_option("--pic-num", options->pic_num,
                  "Pictures of a grid; cells beyond them stay black")
      ->type_name("N")
      ->check(CLI::Range(1, 4))
      ->capture_default_str();
  AddPictureOptions(app, &options->pictures);
  return {app,
          [options](const Streams& streams) { return Run(*options, streams); }};
}

}  // namespace ella
