#include "client/dpg/answer_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "client/dpg/csv.h"
#include "client/dpg/read_bytes.h"

namespace ella {
namespace {

absl::Status CannotWrite(const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat("cannot write ", path));
}

// All of the bytes, or none.
bool AppendAll(int file, std::string_view bytes) {
  struct stat former = {};
  if (fstat(file, &former) != 0) return false;
  while (!bytes.empty()) {
    const ssize_t written = write(file, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) {
      const int error = errno;
      // Where this fails too, the next run cuts off what is left of the line.
      [[maybe_unused]] const int result = ftruncate(file, former.st_size);
      errno = error;
      return false;
    }
    if (written > 0) bytes.remove_prefix(written);
  }
  return true;
}

}  // namespace

AnswerFile::AnswerFile(std::string path, int file, Answers former)
    : path_(std::move(path)), former_(std::move(former)), file_(file) {}

AnswerFile::~AnswerFile() { close(file_); }

absl::StatusOr<std::unique_ptr<AnswerFile>> AnswerFile::Open(
    const std::string& path) {
  const int file =
      open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (file < 0) return CannotWrite(path);
  absl::Cleanup close_file = [file] { close(file); };
  absl::StatusOr<std::string> content = ReadBytes(path);
  if (!content.ok()) return content.status();

  const size_t whole = content->rfind('\n') + 1;  // 0 where there is none
  if (whole < content->size()) {
    content->resize(whole);
    if (ftruncate(file, static_cast<off_t>(whole)) != 0) {
      return CannotWrite(path);
    }
  }
  const std::string header =
      CsvLine({std::begin(kAnswerColumns), std::end(kAnswerColumns)});
  if (content->empty()) {
    if (!AppendAll(file, header)) return CannotWrite(path);
    *content = header;
  }
  if (!content->starts_with(header)) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, " is no file of answers: its first line is not ", header));
  }
  absl::StatusOr<Answers> former = ReadAnswers(*content);
  if (!former.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": ", former.status().message()));
  }
  std::move(close_file).Cancel();
  return std::unique_ptr<AnswerFile>(
      new AnswerFile(path, file, *std::move(former)));
}

absl::Status AnswerFile::Append(const Crop& crop,
                                const std::vector<Question>& questions,
                                const std::vector<std::string>& answers) {
  std::string lines;
  for (size_t i = 0; i < questions.size(); ++i) {
    lines += CsvLine({crop.item_id, absl::StrCat(crop.index),
                      absl::StrCat(questions[i].id), answers[i]});
  }
  absl::MutexLock lock(&mutex_);
  return AppendAll(file_, lines) ? absl::OkStatus() : CannotWrite(path_);
}

SavingJudge::SavingJudge(std::unique_ptr<Judge> judge, AnswerFile* file)
    : judge_(std::move(judge)), file_(*file) {}

absl::StatusOr<std::vector<std::string>> SavingJudge::Answer(
    const Crop& crop, const std::vector<Question>& questions) {
  std::vector<std::string> answers(questions.size());
  std::vector<Question> open;
  std::vector<size_t> places;  // of the open questions
  for (size_t i = 0; i < questions.size(); ++i) {
    const auto found = file_.former().find(
        AnswerKey(crop.item_id, crop.index, questions[i].id));
    if (found != file_.former().end()) {
      answers[i] = found->second;
    } else {
      open.push_back(questions[i]);
      places.push_back(i);
    }
  }
  if (open.empty()) return answers;
  const absl::StatusOr<std::vector<std::string>> fresh =
      judge_->Answer(crop, open);
  if (!fresh.ok()) return fresh.status();
  if (absl::Status status = file_.Append(crop, open, *fresh); !status.ok()) {
    return status;
  }
  for (size_t i = 0; i < open.size(); ++i) answers[places[i]] = (*fresh)[i];
  return answers;
}

}  // namespace ella
