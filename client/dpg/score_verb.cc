#include "client/dpg/score_verb.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/dpg/answer_file.h"
#include "client/dpg/answers.h"
#include "client/dpg/command_judge.h"
#include "client/dpg/questions.h"
#include "client/dpg/read_bytes.h"
#include "client/dpg/scenes_judge.h"
#include "client/dpg/score_images.h"
#include "client/dpg/score_options.h"
#include "client/dpg/score_report.h"
#include "client/error_report.h"
#include "client/interrupt_watcher.h"
#include "client/output_files.h"

namespace ella {
namespace {

absl::Status InFile(const std::string& path, const absl::Status& status) {
  return absl::Status(status.code(),
                      absl::StrCat(path, ": ", status.message()));
}

// What the options name, read.
struct Inputs {
  QuestionSet questions;
  Answers answers;                          // of --answers
  std::unique_ptr<AnswerFile> answer_file;  // of --save-answers
  std::string results_path;                 // empty: none
};

absl::StatusOr<std::string> ResultsPath(const ScoreOptions& options) {
  if (!options.results_dir && !options.compat) return "";
  const std::filesystem::path folder =
      options.results_dir.value_or(options.images);
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return absl::ErrnoToStatus(error.value(),
                               absl::StrCat("cannot make ", folder.string()));
  }
  const std::string path =
      (folder / absl::StrCat("dpg-bench_",
                             absl::FormatTime("%Y%m%d-%H%M%S", absl::Now(),
                                              absl::LocalTimeZone()),
                             "_results.txt"))
          .string();
  // Before the judge works for nothing.
  if (absl::Status status = CheckWritable(path); !status.ok()) return status;
  return path;
}

absl::StatusOr<Inputs> ReadInputs(const ScoreOptions& options) {
  Inputs inputs;
  const absl::StatusOr<std::string> csv = ReadBytes(options.questions);
  if (!csv.ok()) return csv.status();
  absl::StatusOr<QuestionSet> questions = ReadQuestions(*csv, options.compat);
  if (!questions.ok()) return InFile(options.questions, questions.status());
  inputs.questions = *std::move(questions);

  if (options.answers) {
    const absl::StatusOr<std::string> file = ReadBytes(*options.answers);
    if (!file.ok()) return file.status();
    absl::StatusOr<Answers> answers = ReadAnswers(*file);
    if (!answers.ok()) return InFile(*options.answers, answers.status());
    inputs.answers = *std::move(answers);
  }
  if (options.save_answers) {
    absl::StatusOr<std::unique_ptr<AnswerFile>> file =
        AnswerFile::Open(*options.save_answers);
    if (!file.ok()) return file.status();
    inputs.answer_file = *std::move(file);
  }
  absl::StatusOr<std::string> results_path = ResultsPath(options);
  if (!results_path.ok()) return results_path.status();
  inputs.results_path = *std::move(results_path);
  return inputs;
}

absl::StatusOr<std::unique_ptr<Judge>> MakeJudge(const ScoreOptions& options,
                                                 const Inputs& inputs) {
  std::unique_ptr<Judge> judge;
  if (options.answers) {
    judge = std::make_unique<AnswersJudge>(&inputs.answers);
  } else if (options.judge) {
    judge = std::make_unique<ScenesJudge>();
  } else {
    absl::StatusOr<std::unique_ptr<CommandJudge>> command = CommandJudge::Start(
        *options.judge_command, absl::Seconds(options.judge_timeout_s));
    if (!command.ok()) return command.status();
    judge = *std::move(command);
  }
  if (inputs.answer_file) {
    judge = std::make_unique<SavingJudge>(std::move(judge),
                                          inputs.answer_file.get());
  }
  return judge;
}

absl::StatusOr<std::vector<ImageResult>> Judged(const ScoreOptions& options,
                                                const Inputs& inputs,
                                                const Streams& streams) {
  ScoreSettings settings = {.images = options.images,
                            .side = options.side,
                            .crops = options.crops,
                            .compat = options.compat,
                            .workers = options.workers};
  if (streams.terminal) {
    settings.on_progress = [&err = streams.err](int done, int total) {
      err << "\r" << done << " of " << total << " images judged" << std::flush;
    };
  }
  std::atomic<bool> interrupted = false;
  InterruptWatcher watcher([&interrupted] { interrupted = true; });
  absl::StatusOr<std::vector<ImageResult>> results = ScoreImages(
      inputs.questions, settings,
      [&options, &inputs] { return MakeJudge(options, inputs); },
      [&interrupted] { return interrupted.load(); });
  if (streams.terminal) streams.err << "\n";
  return results;
}

int PrintFailures(const std::vector<ImageResult>& results, std::ostream& err) {
  int failed = 0;
  for (const ImageResult& result : results) {
    if (result.status.ok()) continue;
    ++failed;
    err << "Failed filename: "
        << std::filesystem::path(result.path).filename().string() << ": "
        << result.status.message() << "\n";
  }
  if (failed > 0) {
    err << "ella: " << failed << " of " << results.size() << " failed"
        << std::endl;
  }
  return failed;
}

absl::Status WriteResults(const std::string& path, const std::string& results,
                          const std::string& detail) {
  constexpr size_t kExtension = 4;  // .txt
  absl::Status status = WriteFile(path, results);
  if (!status.ok()) return status;
  return WriteFile(
      absl::StrCat(path.substr(0, path.size() - kExtension), "_detail.txt"),
      detail);
}

int Fail(const ScoreOptions& options, const absl::Status& status, ExitCode code,
         const Streams& streams) {
  PrintError(status, streams.err);
  if (options.json) PrintJson({{"error", ErrorToJson(status)}}, streams.out);
  return code;
}

int Run(const ScoreOptions& options, const Streams& streams) {
  const absl::StatusOr<Inputs> inputs = ReadInputs(options);
  if (!inputs.ok()) return Fail(options, inputs.status(), kBadUsage, streams);
  const absl::StatusOr<std::vector<ImageResult>> results =
      Judged(options, *inputs, streams);
  if (!results.ok()) {
    if (options.save_answers) {
      streams.err << "ella: the answers so far are in " << *options.save_answers
                  << "; the same command goes on from there\n";
    }
    return Fail(options, results.status(), kFailed, streams);
  }
  const int failed = PrintFailures(*results, streams.err);
  const TotalScore total =
      TotalOf(inputs->questions, *results,
              options.compat ? CategoryCrops::kLast : CategoryCrops::kAll);
  if (options.json) PrintJson(SummaryJson(total, failed), streams.out);
  if (total.scored() == 0) {
    PrintError(absl::FailedPreconditionError("no image has a score"),
               streams.err);
    return kFailed;
  }
  const std::string lines =
      ResultLines(*results) +
      SummaryLines(total, options.images, inputs->results_path);
  if (!options.json) streams.out << lines << std::flush;
  if (inputs->results_path.empty()) return kDone;
  const absl::Status status =
      WriteResults(inputs->results_path, lines,
                   DetailLines(inputs->questions, *results, options.side));
  if (status.ok()) return kDone;
  PrintError(status, streams.err);
  return kFailed;
}

}  // namespace

Verb AddDpgScoreVerb(CLI::App* dpg) {
  CLI::App* app =
      dpg->add_subcommand("score", "Score grids by DPG-Bench's questions");
  auto options = std::make_shared<ScoreOptions>();
  AddScoreOptions(app, options.get());
  return {app,
          [options](const Streams& streams) { return Run(*options, streams); }};
}

}  // namespace ella
