#include "client/dpg/score_images.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <system_error>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "client/dpg/grid.h"

namespace ella {
namespace {

namespace fs = std::filesystem;

// That it is an image, whether we can read it or not.
bool LooksLikeImage(const fs::path& path) {
  static constexpr const char* kExtensions[] = {
      ".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff"};
  const std::string extension =
      absl::AsciiStrToLower(path.extension().string());
  return std::find(std::begin(kExtensions), std::end(kExtensions), extension) !=
         std::end(kExtensions);
}

// Why the questions and the file name forbid a score.
absl::Status CheckItem(const QuestionSet& questions, const std::string& id) {
  const auto item = questions.find(id);
  if (item == questions.end()) {
    return absl::NotFoundError(
        absl::StrCat("there are no questions about item ", id));
  }
  return item->second.status;
}

absl::StatusOr<std::vector<ImageResult>> ListImages(
    const QuestionSet& questions, const ScoreSettings& settings) {
  std::vector<ImageResult> results;
  std::error_code error;
  for (fs::directory_iterator i(settings.images, error), end; i != end;
       i.increment(error)) {
    if (!settings.compat && !LooksLikeImage(i->path())) continue;
    ImageResult result;
    result.path = i->path().string();
    const std::string name = i->path().filename().string();
    result.item_id = name.substr(0, name.find('.'));
    result.status = CheckItem(questions, result.item_id);
    results.push_back(std::move(result));
  }
  if (error) {
    return absl::ErrnoToStatus(error.value(),
                               absl::StrCat("cannot read ", settings.images));
  }
  // An item's NAME.png goes ahead of what else is named after it.
  const auto by_path = [](const ImageResult& a, const ImageResult& b) {
    return a.path < b.path;
  };
  const auto own_name = [](const ImageResult& result) {
    return fs::path(result.path).filename() ==
           absl::StrCat(result.item_id, ".png");
  };
  std::sort(results.begin(), results.end(), by_path);
  std::stable_partition(results.begin(), results.end(), own_name);
  std::set<std::string> seen;
  for (ImageResult& result : results) {
    if (!seen.insert(result.item_id).second) {
      result.status.Update(absl::AlreadyExistsError(
          absl::StrCat("a second image of item ", result.item_id)));
    }
  }
  for (const auto& [id, item] : questions) {
    if (settings.compat || seen.contains(id)) continue;
    results.push_back(
        {(fs::path(settings.images) / absl::StrCat(id, ".png")).string(), id,
         absl::NotFoundError("there is no such image")});
  }
  std::sort(results.begin(), results.end(), by_path);
  return results;
}

class Run {
 public:
  Run(const QuestionSet& questions, const ScoreSettings& settings,
      const std::function<bool()>& stop, std::vector<ImageResult>* results)
      : questions_(questions),
        settings_(settings),
        stop_(stop),
        results_(*results) {}

  void Work(const JudgeFactory& make_judge) {
    const absl::StatusOr<std::unique_ptr<Judge>> judge = make_judge();
    if (!judge.ok()) return Fail(judge.status());
    while (ImageResult* result = Next()) {
      if (result->status.ok()) {
        if (absl::Status s = Score(**judge, *result); !s.ok()) return Fail(s);
      }
      Count();
    }
  }

  absl::Status error() {
    absl::MutexLock lock(&mutex_);
    return error_;
  }

 private:
  ImageResult* Next() {
    absl::MutexLock lock(&mutex_);
    if (!error_.ok() || next_ == results_.size()) return nullptr;
    return &results_[next_++];
  }

  void Fail(absl::Status status) {
    absl::MutexLock lock(&mutex_);
    error_.Update(status);
  }

  void Count() {
    absl::MutexLock lock(&mutex_);
    ++done_;
    if (settings_.on_progress) {
      settings_.on_progress(done_, static_cast<int>(results_.size()));
    }
  }

  // The error is the judge's; the item's goes into the result.
  absl::Status Score(Judge& judge, ImageResult& result) {
    const std::vector<Question>& questions =
        questions_.at(result.item_id).questions;
    const absl::StatusOr<RgbImage> grid = ReadGrid(result.path, settings_.side);
    result.status = grid.status();
    for (int i = 0; i < settings_.crops && result.status.ok(); ++i) {
      if (stop_()) return absl::CancelledError("interrupted");
      const Crop crop = {result.item_id, i, CropOf(*grid, i, settings_.side)};
      absl::StatusOr<std::vector<std::string>> answers =
          judge.Answer(crop, questions);
      if (answers.ok()) {
        result.answers.push_back(*std::move(answers));
        continue;
      }
      const absl::Status named(
          answers.status().code(),
          absl::StrCat("item ", result.item_id, ", crop ", i, ": ",
                       answers.status().message()));
      if (!absl::IsInvalidArgument(named)) return named;
      result.status = named;
    }
    if (!result.status.ok()) return absl::OkStatus();
    absl::StatusOr<ItemScore> score =
        ScoreItem(questions, ToCropAnswers(result.answers));
    result.status = score.status();
    if (score.ok()) result.score = *std::move(score);
    return absl::OkStatus();
  }

  const QuestionSet& questions_;
  const ScoreSettings& settings_;
  const std::function<bool()>& stop_;
  std::vector<ImageResult>& results_;  // each the matter of one worker
  absl::Mutex mutex_;
  size_t next_ ABSL_GUARDED_BY(mutex_) = 0;
  int done_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status error_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::StatusOr<std::vector<ImageResult>> ScoreImages(
    const QuestionSet& questions, const ScoreSettings& settings,
    const JudgeFactory& make_judge, const std::function<bool()>& stop) {
  absl::StatusOr<std::vector<ImageResult>> results =
      ListImages(questions, settings);
  if (!results.ok()) return results;
  Run run(questions, settings, stop, &*results);
  std::vector<std::thread> workers;
  for (int i = 0; i < settings.workers; ++i) {
    workers.emplace_back([&run, &make_judge] { run.Work(make_judge); });
  }
  for (std::thread& worker : workers) worker.join();
  if (absl::Status status = run.error(); !status.ok()) return status;
  return results;
}

std::vector<CropAnswers> ToCropAnswers(
    const std::vector<std::vector<std::string>>& answers) {
  std::vector<CropAnswers> crops;
  for (const std::vector<std::string>& crop : answers) {
    CropAnswers& yes = crops.emplace_back();
    for (const std::string& answer : crop) yes.push_back(answer == "yes");
  }
  return crops;
}

}  // namespace ella
