#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "model/api/types.h"
#include "server/logging/logger.h"
#include "server/logging/trace_context.h"
#include "server/scheduling/event_sink.h"

namespace ella {

// What the log tells of a request.
struct RequestSummary {
  std::string id;  // empty where it was refused before it got one
  std::string caller;
  bool caller_is_known = false;  // by a key or a certificate
  std::optional<TraceContext> trace;
  int priority = 0;
  std::optional<GenerationParams> params;  // of a valid request

  absl::Duration duration;        // from its acceptance to its end
  std::optional<DoneEvent> done;  // where it was completed
  absl::Duration png_time;
  int64_t image_bytes = 0;  // of the PNGs
};

// Writes one line for each request that ends. Thread-safe.
class RequestLog {
 public:
  // The logger outlives it.
  RequestLog(Logger* logger, bool with_prompts)
      : logger_(logger), with_prompts_(with_prompts) {}

  void Write(const RequestSummary& request, const absl::Status& status) const;

 private:
  Logger* const logger_;
  const bool with_prompts_;
};

}  // namespace ella
