#include "client/dpg/score_options.h"

#include "CLI/CLI.hpp"

namespace ella {
namespace {

constexpr int kMaxSide = 4096;
constexpr int kMaxWorkers = 256;

void AddJudges(CLI::App* app, ScoreOptions* options) {
  CLI::Option_group* judges = app->add_option_group(
      "Judge", "Who answers the questions about each picture");
  judges
      ->add_option("--answers", options->answers,
                   "A CSV file item_id,crop,proposition_id,answer with crops "
                   "from 0")
      ->type_name("FILE");
  judges
      ->add_option("--judge-command", options->judge_command,
                   "A program that reads questions and writes answers as JSON "
                   "lines, one for each worker")
      ->type_name("CMD");
  judges
      ->add_option("--judge", options->judge,
                   "scenes: the built-in judge of the demo world")
      ->type_name("NAME")
      ->check(CLI::IsMember({"scenes"}));
  judges->require_option(1);
}

}  // namespace

void AddScoreOptions(CLI::App* app, ScoreOptions* options) {
  app->add_option("IMAGES", options->images,
                  "A folder of 2x2 grids without padding, as PNG, each named "
                  "after its item")
      ->required()
      ->check(CLI::ExistingDirectory);
  app->add_option("R", options->side, "Pixels of one picture's side")
      ->required()
      ->check(CLI::Range(1, kMaxSide));
  app->add_option("--questions", options->questions,
                  "The questions, as the columns of dpg_bench.csv")
      ->type_name("CSV")
      ->required();
  AddJudges(app, options);
  app->add_option("--pic-num", options->crops,
                  "Pictures of each grid that are judged, from the top left "
                  "by rows")
      ->check(CLI::Range(1, 4))
      ->capture_default_str();
  app->add_flag("--compat", options->compat,
                "As the reference counts: the first question is dropped, "
                "categories are of the last picture alone, and the results go "
                "into IMAGES unless --results-dir is given");
  app->add_option("--judge-timeout", options->judge_timeout_s,
                  "Seconds that --judge-command has for one picture")
      ->type_name("S")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app->add_option("--save-answers", options->save_answers,
                  "Write each answer here as it comes, as --answers reads it; "
                  "what is there already isn't asked again")
      ->type_name("FILE")
      ->excludes("--answers");
  app->add_option("--results-dir", options->results_dir,
                  "Write the reference's two results files here (none)")
      ->type_name("FOLDER");
  app->add_option("--workers", options->workers,
                  "Images in work at once; the numbers stay the same")
      ->check(CLI::Range(1, kMaxWorkers))
      ->capture_default_str();
  app->add_flag("--json", options->json,
                "Print one JSON object, and nothing else");
}

}  // namespace ella
