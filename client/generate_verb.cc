#include <filesystem>
#include <memory>
#include <system_error>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "client/cancellation.h"
#include "client/connection.h"
#include "client/error_report.h"
#include "client/generate_options.h"
#include "client/generate_report.h"
#include "client/generate_request.h"
#include "client/interrupt_watcher.h"
#include "client/output_files.h"
#include "client/progress_line.h"
#include "client/verbs.h"

namespace ella {
namespace {

// Before the server works for nothing.
absl::Status CheckOutputs(const GenerateOptions& options) {
  if (options.preview_dir) {
    std::error_code error;
    std::filesystem::create_directories(*options.preview_dir, error);
    if (error) {
      return absl::ErrnoToStatus(
          error.value(), absl::StrCat("cannot make ", *options.preview_dir));
    }
    absl::Status status =
        CheckWritable(PreviewPath(*options.preview_dir, 1, 0));
    if (!status.ok()) return status;
  }
  return CheckWritable(options.output);
}

// The same settings give the same picture only on the same weights.
// Where the models can't be had, Generate will tell.
void WarnOfOtherWeights(const PlannedRequest& planned, GenerateClient& client,
                        absl::Time deadline, std::ostream& err) {
  const absl::StatusOr<v1::ListModelsResponse> models =
      client.ListModels(deadline);
  if (!models.ok()) return;
  for (const v1::Model& model : models->models()) {
    const std::string& wanted = planned.request.model();
    if (!wanted.empty() && model.name() != wanted) continue;
    if (model.fingerprint() != planned.expected_fingerprint) {
      err << "ella: warning: the picture was made by weights with fingerprint "
          << planned.expected_fingerprint << "; the server's model "
          << model.name() << " has " << model.fingerprint() << std::endl;
    }
    return;
  }
}

absl::Status Generate(const GenerateOptions& options,
                      const PlannedRequest& planned, GenerateClient& client,
                      GenerateReport& report, std::ostream& err) {
  const absl::Time deadline = DeadlineAfter(options.timeout_s);
  if (!planned.expected_fingerprint.empty()) {
    WarnOfOtherWeights(planned, client, deadline, err);
  }
  return client.Generate(planned.request, deadline,
                         [&report](const v1::GenerateResponse& event) {
                           return report.Take(event);
                         });
}

int Fail(const GenerateOptions& options, const absl::Status& status,
         nlohmann::json json, ExitCode code, const Streams& streams) {
  PrintError(status, streams.err);
  if (options.json) {
    json["error"] = ErrorToJson(status);
    PrintJson(json, streams.out);
  }
  return code;
}

int Run(const GenerateOptions& options, const Streams& streams) {
  const absl::StatusOr<PlannedRequest> planned =
      PlanRequest(options, streams.in);
  if (!planned.ok()) {
    return Fail(options, planned.status(), {}, kBadUsage, streams);
  }
  if (absl::Status status = CheckOutputs(options); !status.ok()) {
    return Fail(options, status, {}, kFailed, streams);
  }
  Cancellation cancellation;
  // Ahead of gRPC's threads.
  InterruptWatcher watcher([&cancellation] { cancellation.Cancel(); });
  ProgressLine progress(streams.err, streams.terminal,
                        planned->request.num_images());
  const std::unique_ptr<GenerateClient> client =
      Connect(options.server, streams.err, &cancellation,
              [&progress] { progress.Clear(); });
  GenerateReport report(options, &progress, streams.out);
  const absl::Status status =
      Generate(options, *planned, *client, report, streams.err);
  progress.Clear();
  if (!status.ok()) {
    return Fail(options, status, report.json(), kFailed, streams);
  }
  if (options.json) PrintJson(report.json(), streams.out);
  return kDone;
}

}  // namespace

Verb AddGenerateVerb(CLI::App* ella) {
  CLI::App* app = ella->add_subcommand("generate", "Draw images from a prompt");
  auto options = std::make_shared<GenerateOptions>();
  AddGenerateOptions(app, options.get());
  return {app,
          [options](const Streams& streams) { return Run(*options, streams); }};
}

}  // namespace ella
