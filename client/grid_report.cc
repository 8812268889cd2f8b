#include "client/grid_report.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_format.h"
#include "client/connection.h"
#include "client/rpc_status.h"

namespace ella {
namespace {

constexpr int kBarWidth = 30;

std::string Rough(double seconds) {
  if (seconds < 100) return absl::StrFormat("%.0f s", std::ceil(seconds));
  if (seconds < 6000) return absl::StrFormat("%.0f min", seconds / 60);
  return absl::StrFormat("%.1f h", seconds / 3600);
}

}  // namespace

GridReport::GridReport(const Streams& streams, bool json)
    : streams_(streams),
      print_json_(json),
      line_(streams.err, streams.terminal, 1) {
  json_["grids"] = nlohmann::json::array();
  json_["failed"] = nlohmann::json::array();
}

void GridReport::Attach(GridRunnerOptions* options) {
  options->on_end = [this](const GridJob& job, const absl::Status& status) {
    Ended(job, status);
  };
  options->on_progress = [this](const GridProgress& progress) {
    Show(progress);
  };
  options->on_retry = [this](const std::string& server,
                             const absl::Status& error, absl::Duration delay) {
    line_.Clear();
    streams_.err << RetryMessage(server, error, delay) << std::flush;
  };
}

void GridReport::Note(const std::string& text) {
  line_.Clear();
  streams_.err << "ella: " << text << std::endl;
}

void GridReport::Failed(const std::string& name, const absl::Status& error) {
  line_.Clear();
  PrintError(WithName(name, error), streams_.err);
  json_["failed"].push_back({{"name", name}, {"error", ErrorToJson(error)}});
}

void GridReport::Ended(const GridJob& job, const absl::Status& status) {
  if (!status.ok()) return Failed(job.name, status);
  json_["grids"].push_back({{"name", job.name},
                            {"file", job.path},
                            {"prompt", job.requests[0].prompt()}});
  if (print_json_) return;
  line_.Clear();
  streams_.out << job.path << std::endl;
}

void GridReport::Show(const GridProgress& progress) {
  const int filled =
      std::clamp(static_cast<int>(progress.share * kBarWidth), 0, kBarWidth);
  std::string text = absl::StrFormat("%d/%d [%s%s]", progress.ended,
                                     progress.grids, std::string(filled, '#'),
                                     std::string(kBarWidth - filled, '.'));
  if (progress.share > 0) {
    const double left_s = absl::ToDoubleSeconds(progress.elapsed) *
                          (1 - progress.share) / progress.share;
    text += absl::StrFormat(" %s left", Rough(std::max(left_s, 0.0)));
  }
  line_.Draw(text);
}

ExitCode GridReport::Finish(const absl::Status& status,
                            ExitCode code_of_error) {
  line_.Clear();
  if (!status.ok()) {
    PrintError(status, streams_.err);
    json_["error"] = ErrorToJson(status);
  }
  if (print_json_) PrintJson(json_, streams_.out);
  if (!status.ok()) return code_of_error;
  return json_["failed"].empty() ? kDone : kFailed;
}

}  // namespace ella
