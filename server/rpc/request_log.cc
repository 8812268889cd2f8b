#include "server/rpc/request_log.h"

#include <cmath>
#include <random>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "image/image_metadata.h"

namespace ella {
namespace {

// What clients write is bounded in the log, as lines may wait.
constexpr size_t kLongestId = 128;
constexpr size_t kLongestPrompt = 2048;

std::string Cut(absl::string_view text, size_t longest) {
  if (text.size() <= longest) return std::string(text);
  return absl::StrCat(text.substr(0, longest), "...");
}

double Seconds(absl::Duration duration) {
  return std::round(absl::ToDoubleMicroseconds(duration)) / 1e6;
}

// Our own span of the caller's trace.
std::string RandomSpanId() {
  std::random_device random;
  return absl::StrCat(absl::Hex(random(), absl::kZeroPad8),
                      absl::Hex(random(), absl::kZeroPad8));
}

LogSeverity SeverityOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDataLoss:
      return LogSeverity::kError;
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
      return LogSeverity::kWarning;
    default:
      return LogSeverity::kInfo;
  }
}

void AddParams(const GenerationParams& params, std::vector<LogField>* fields) {
  fields->insert(
      fields->end(),
      {{"model", params.model},
       {"size", absl::StrCat(params.width, "x", params.height)},
       {"steps", params.steps},
       {"images", params.num_images},
       {"conditioning", ConditioningName(params.conditioning)},
       {"sampler", params.sampler},
       // A float's own digits, not those of its double.
       {"guidance_scale", std::round(params.guidance_scale * 1e4) / 1e4},
       {"seed", params.seed}});
}

void AddTimes(const DoneEvent& done, absl::Duration png_time,
              std::vector<LogField>* fields) {
  fields->insert(fields->end(),
                 {{"queue_seconds", Seconds(done.queue_time)},
                  {"text_seconds", Seconds(done.text_time)},
                  {"denoise_seconds", Seconds(done.denoise_time)},
                  {"decode_seconds", Seconds(done.decode_time)},
                  {"png_seconds", Seconds(png_time)},
                  {"text_cache_hits", done.text_cache_hits},
                  {"connector_cache_hits", done.connector_cache_hits},
                  {"mean_batch_rows", done.mean_batch_rows}});
}

}  // namespace

void RequestLog::Write(const RequestSummary& request,
                       const absl::Status& status) const {
  std::vector<LogField> fields = {{"request_id", Cut(request.id, kLongestId)},
                                  {"caller", request.caller}};
  if (request.trace) {
    fields.push_back({"trace_id", request.trace->trace_id});
    fields.push_back({"span_id", RandomSpanId()});
    fields.push_back({"parent_span_id", request.trace->parent_id});
  }
  fields.push_back({"code", absl::StatusCodeToString(status.code())});
  if (!status.ok()) {
    fields.push_back({"error", std::string(status.message())});
  }
  fields.push_back({"priority", request.priority});
  if (request.params) AddParams(*request.params, &fields);
  fields.push_back({"duration_seconds", Seconds(request.duration)});
  if (request.done) AddTimes(*request.done, request.png_time, &fields);
  fields.push_back({"image_bytes", request.image_bytes});
  if (with_prompts_ && request.params) {
    fields.push_back({"prompt", Cut(request.params->prompt, kLongestPrompt)});
    fields.push_back({"negative_prompt",
                      Cut(request.params->negative_prompt, kLongestPrompt)});
  }
  logger_->Log(SeverityOf(status), "request", std::move(fields));
}

}  // namespace ella
