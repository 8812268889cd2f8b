// What a judge said, kept.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "client/dpg/answers.h"
#include "client/dpg/judge.h"

namespace ella {

// A file of answers that grows, so that a run that was cut short can go on.
// Thread-safe.
class AnswerFile {
 public:
  // Takes up the answers that the file has, or makes it. A last line that was
  // cut short is cut off.
  static absl::StatusOr<std::unique_ptr<AnswerFile>> Open(
      const std::string& path);
  ~AnswerFile();

  // What the file held when it was opened.
  const Answers& former() const { return former_; }

  // They are in the file when it returns; where it fails, none of them is.
  absl::Status Append(const Crop& crop, const std::vector<Question>& questions,
                      const std::vector<std::string>& answers);

 private:
  AnswerFile(std::string path, int file, Answers former);

  const std::string path_;
  const Answers former_;
  absl::Mutex mutex_;
  const int file_ ABSL_GUARDED_BY(mutex_);
};

// Asks another judge for what the file lacks, and adds it there.
class SavingJudge : public Judge {
 public:
  // The file outlives it.
  SavingJudge(std::unique_ptr<Judge> judge, AnswerFile* file);

  absl::StatusOr<std::vector<std::string>> Answer(
      const Crop& crop, const std::vector<Question>& questions) override;

 private:
  const std::unique_ptr<Judge> judge_;
  AnswerFile& file_;
};

}  // namespace ella
