#include "client/dpg/command_judge.h"

#include <stdlib.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "image/png_codec.h"
#include "nlohmann/json.hpp"

namespace ella {
namespace {

using ::nlohmann::json;

constexpr size_t kShownBytes = 200;

absl::StatusOr<std::string> MakeTemporaryFolder() {
  std::error_code error;
  const std::filesystem::path parent =
      std::filesystem::temp_directory_path(error);
  std::string folder = (parent / "ella-judge-XXXXXX").string();
  if (error || mkdtemp(folder.data()) == nullptr) {
    return absl::ErrnoToStatus(error ? error.value() : errno,
                               "cannot make a temporary folder");
  }
  return folder;
}

absl::Status WritePicture(const RgbImage& image, const std::string& path) {
  const absl::StatusOr<std::string> png = EncodePng(image, {});
  if (!png.ok()) return png.status();
  std::ofstream file(path, std::ios::binary);
  file << *png;
  file.close();
  if (file) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("cannot write ", path));
}

std::string RequestLine(const Crop& crop, const std::string& picture,
                        const std::vector<Question>& questions) {
  json request = {{"item_id", crop.item_id},
                  {"crop", crop.index},
                  {"image", picture},
                  {"questions", json::array()}};
  for (const Question& question : questions) {
    request["questions"].push_back(question.text);
  }
  return request.dump(-1, ' ', false, json::error_handler_t::replace);
}

absl::StatusOr<std::vector<std::string>> ParseAnswers(const std::string& line,
                                                      size_t count) {
  const json response = json::parse(line, nullptr, false);
  if (response.is_object() && response.contains("error") &&
      response["error"].is_string()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the judge says: ", response["error"].get<std::string>()));
  }
  std::vector<std::string> answers;
  if (response.is_object() && response.contains("answers") &&
      response["answers"].is_array()) {
    for (const json& answer : response["answers"]) {
      if (answer.is_string()) answers.push_back(answer);
    }
    if (answers.size() == count && response["answers"].size() == count) {
      return answers;
    }
  }
  return absl::InternalError(absl::StrCat(
      "the judge should have written {\"answers\": [...]} with ", count,
      " strings, but wrote: ", line.substr(0, kShownBytes)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<CommandJudge>> CommandJudge::Start(
    const std::string& command, absl::Duration timeout) {
  const absl::StatusOr<std::string> folder = MakeTemporaryFolder();
  if (!folder.ok()) return folder.status();
  absl::StatusOr<std::unique_ptr<ChildProcess>> child =
      ChildProcess::Start(command);
  if (!child.ok()) {
    std::error_code ignored;
    std::filesystem::remove(*folder, ignored);
    return child.status();
  }
  return std::unique_ptr<CommandJudge>(
      new CommandJudge(*folder, *std::move(child), timeout));
}

CommandJudge::CommandJudge(std::string folder,
                           std::unique_ptr<ChildProcess> child,
                           absl::Duration timeout)
    : folder_(std::move(folder)), child_(std::move(child)), timeout_(timeout) {}

CommandJudge::~CommandJudge() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

absl::StatusOr<std::vector<std::string>> CommandJudge::Answer(
    const Crop& crop, const std::vector<Question>& questions) {
  // A name of its own, for a judge that remembers pictures by name.
  const std::string picture = absl::StrCat(folder_, "/", crops_++, ".png");
  absl::Cleanup remove = [&picture] {
    std::error_code ignored;
    std::filesystem::remove(picture, ignored);
  };
  if (absl::Status status = WritePicture(crop.image, picture); !status.ok()) {
    return status;
  }
  const absl::StatusOr<std::string> line = child_->Exchange(
      RequestLine(crop, picture, questions), absl::Now() + timeout_);
  if (absl::IsDeadlineExceeded(line.status())) {
    return absl::DeadlineExceededError(
        absl::StrCat("no answer within ", absl::FormatDuration(timeout_)));
  }
  if (!line.ok()) return line.status();
  return ParseAnswers(*line, questions.size());
}

}  // namespace ella
