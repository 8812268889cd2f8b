#include "server/config/server_options.h"

#include <algorithm>
#include <limits>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "server/config/host_port.h"

namespace ella {
namespace {

absl::Status CheckRange(absl::string_view flag, int64_t value, int64_t min,
                        int64_t max = std::numeric_limits<int>::max()) {
  if (value >= min && value <= max) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(flag, " must be ", min, " to ", max, ", was ", value));
}

absl::Status CheckOneOf(absl::string_view flag, const std::string& value,
                        const std::vector<std::string>& known) {
  if (std::find(known.begin(), known.end(), value) != known.end()) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      flag, " must be one of ", absl::StrJoin(known, ", "), ", was ", value));
}

absl::Status CheckDevice(const std::string& device) {
  int index;
  absl::string_view rest = device;
  if (device == "auto" || device == "cpu" || device == "cuda" ||
      (absl::ConsumePrefix(&rest, "cuda:") && absl::SimpleAtoi(rest, &index) &&
       index >= 0)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("--device must be auto, cpu, cuda or cuda:N, was ", device));
}

absl::Status CheckModels(const std::vector<EngineOptions>& models) {
  std::set<std::string> names;
  for (const EngineOptions& model : models) {
    if (model.model.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--model ", model.name, "= names no directory"));
    }
    if (!names.insert(model.name).second) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--model names must differ, ", model.name, " is there twice"));
    }
    if (absl::Status s = CheckDevice(model.device); !s.ok()) return s;
    if (absl::Status s = CheckOneOf("--dtype", model.dtype,
                                    {"auto", "float32", "bfloat16", "float16"});
        !s.ok()) {
      return s;
    }
    if (absl::Status s = CheckOneOf("--t5-dtype", model.t5_dtype,
                                    {"float32", "float16", "bfloat16"});
        !s.ok()) {
      return s;
    }
    for (const absl::Status& status :
         {CheckRange("--threads", model.threads, 0, 1024),
          CheckRange("--text-cache-mb", model.text_cache_mb, 0),
          CheckRange("--connector-cache-mb", model.connector_cache_mb, 0)}) {
      if (!status.ok()) return status;
    }
  }
  return absl::OkStatus();
}

absl::Status CheckListen(const ListenOptions& listen,
                         const IdentityOptions& identity) {
  absl::StatusOr<HostPort> grpc = ParseHostPort("--listen", listen.grpc);
  if (!grpc.ok()) return grpc.status();
  absl::StatusOr<HostPort> http = ParseHostPort("--http-listen", listen.http);
  if (!http.ok()) return http.status();
  if (!IsLoopback(grpc->host) && !listen.insecure && !identity.secure()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--listen ", listen.grpc,
        " is beyond loopback, where anyone could send requests: give "
        "--tls-cert and --tls-key with --api-keys or --tls-client-ca, or "
        "listen on 127.0.0.1, or give --insecure to allow it"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ServerOptions::Validate() const {
  for (const absl::Status& status :
       {CheckModels(models), identity.Validate(),
        CheckListen(listen, identity), connection.Validate(),
        CheckRange("--max-pixels", limits.max_pixels, 64),
        CheckRange("--max-steps", limits.max_steps, 1),
        CheckRange("--max-prompt-tokens", limits.max_prompt_tokens, 1),
        CheckRange("--max-prompt-bytes", limits.max_prompt_bytes, 1,
                   connection.max_message_kb * int64_t{1024} / 2),
        CheckRange("--max-queue", queue.max_queue, 1),
        CheckRange("--max-batch-rows", batch.max_batch_rows, 2),
        CheckRange("--request-window-ms",
                   absl::ToInt64Milliseconds(batch.request_window), 0),
        CheckRange("--warm-up-seconds",
                   absl::ToInt64Seconds(batch.warm_up_time), 0),
        CheckRange("--drain-seconds", drain_seconds, 0)}) {
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace ella
