#include "server/metrics/metrics.h"

#include "prometheus/family.h"

namespace ella {
namespace {

constexpr int kStatusCodes = 17;  // OK to UNAUTHENTICATED
constexpr size_t kMostCallers = 1000;

// From a cached preview to a long job on a CPU.
prometheus::Histogram::BucketBoundaries Durations() {
  return {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
          1,     2.5,    5,     10,   25,    60,   120, 300,  600};
}

prometheus::Family<prometheus::Counter>& CounterFamily(
    prometheus::Registry* registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(*registry);
}

prometheus::Counter& NewCounter(prometheus::Registry* registry,
                                const char* name, const char* help) {
  return CounterFamily(registry, name, help).Add({});
}

prometheus::Gauge& NewGauge(prometheus::Registry* registry, const char* name,
                            const char* help,
                            const prometheus::Labels& labels = {}) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(*registry).Add(
      labels);
}

prometheus::Histogram& NewHistogram(
    prometheus::Registry* registry, const char* name, const char* help,
    const prometheus::Histogram::BucketBoundaries& buckets = Durations()) {
  return prometheus::BuildHistogram()
      .Name(name)
      .Help(help)
      .Register(*registry)
      .Add({}, buckets);
}

prometheus::Counter& PreviewsDropped(prometheus::Registry* registry,
                                     const char* reason) {
  return CounterFamily(registry, "ella_previews_dropped_total",
                       "Previews dropped, by the reason.")
      .Add({{"reason", reason}});
}

prometheus::Counter& ModelLoads(prometheus::Registry* registry,
                                const char* result) {
  return CounterFamily(registry, "ella_model_loads_total",
                       "Models loaded while serving, by the result.")
      .Add({{"result", result}});
}

}  // namespace

Metrics::Metrics(prometheus::Registry* registry, const std::string& version)
    : request_duration_seconds(
          NewHistogram(registry, "ella_request_duration_seconds",
                       "Seconds from a request's acceptance to its end.")),
      queue_wait_seconds(
          NewHistogram(registry, "ella_queue_wait_seconds",
                       "Seconds from a request's acceptance to its start.")),
      first_preview_seconds(NewHistogram(
          registry, "ella_first_preview_seconds",
          "Seconds from a request's acceptance to its first preview.")),
      step_duration_seconds(NewHistogram(registry, "ella_step_duration_seconds",
                                         "Seconds of one denoising step.")),
      text_encode_duration_seconds(
          NewHistogram(registry, "ella_text_encode_duration_seconds",
                       "Seconds of one pass of the text encoders.")),
      decode_duration_seconds(
          NewHistogram(registry, "ella_decode_duration_seconds",
                       "Seconds of one decoding, its slices added up.")),
      png_duration_seconds(NewHistogram(registry, "ella_png_duration_seconds",
                                        "Seconds of one PNG encoding.")),
      step_batch_rows(NewHistogram(registry, "ella_step_batch_rows",
                                   "UNet rows of one denoising step.",
                                   {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64})),
      queue_depth(
          NewGauge(registry, "ella_queue_depth", "Requests that wait.")),
      active_requests(NewGauge(registry, "ella_active_requests",
                               "Requests started and not yet ended.")),
      active_rows(NewGauge(registry, "ella_active_rows",
                           "Images started and not yet decoded.")),
      running_rows(NewGauge(registry, "ella_running_rows",
                            "UNet rows of the last step, 0 when idle.")),
      parked_rows(NewGauge(registry, "ella_parked_rows",
                           "Images begun and left out of the last step.")),
      batch_row_limit(
          NewGauge(registry, "ella_batch_row_limit",
                   "UNet rows that a step of the last step's size may have.")),
      steps_total(NewCounter(registry, "ella_steps_total",
                             "Denoising steps, each one UNet call.")),
      row_steps_total(NewCounter(registry, "ella_row_steps_total",
                                 "UNet rows over all steps.")),
      row_steps_after_cancel_total(NewCounter(
          registry, "ella_row_steps_after_cancel_total",
          "UNet rows whose request was no longer wanted as their step ended.")),
      joins_total(NewCounter(registry, "ella_joins_total",
                             "Images whose denoising began.")),
      parks_total(NewCounter(registry, "ella_parks_total",
                             "Times that an image had to pause.")),
      batch_splits_total(
          NewCounter(registry, "ella_batch_splits_total",
                     "Batches split after they did not fit into memory.")),
      out_of_memory_total(NewCounter(registry, "ella_out_of_memory_total",
                                     "Engine calls that ran out of memory.")),
      images_total(NewCounter(registry, "ella_images_total",
                              "Final images handed to clients.")),
      previews_total(NewCounter(registry, "ella_previews_total",
                                "Previews handed to clients.")),
      previews_dropped_pool(PreviewsDropped(registry, "pool_full")),
      previews_dropped_slow_reader(PreviewsDropped(registry, "slow_reader")),
      previews_dropped_decoder(PreviewsDropped(registry, "decoder_busy")),
      log_lines_dropped_total(
          NewCounter(registry, "ella_log_lines_dropped_total",
                     "Log lines dropped, as the log is read too slowly.")),
      model_loads_ok(ModelLoads(registry, "ok")),
      model_loads_failed(ModelLoads(registry, "failed")),
      model_evictions_total(
          NewCounter(registry, "ella_model_evictions_total",
                     "Models unloaded to keep within the budget.")),
      caller_requests_(CounterFamily(
          registry, "ella_caller_requests_total",
          "Calls for images that ended, by caller and gRPC status code.")),
      caller_images_(CounterFamily(registry, "ella_caller_images_total",
                                   "Final images, by caller.")) {
  auto& requests =
      CounterFamily(registry, "ella_requests_total",
                    "Calls for images that ended, by gRPC status code.");
  for (int code = 0; code < kStatusCodes; ++code) {
    requests_.push_back(&requests.Add(
        {{"code",
          absl::StatusCodeToString(static_cast<absl::StatusCode>(code))}}));
  }
  NewGauge(registry, "ella_build_info", "The version that runs; always 1.",
           {{"version", version}})
      .Set(1);
}

void Metrics::CountRequest(const absl::Status& status) {
  requests_[static_cast<int>(status.code())]->Increment();
}

void Metrics::CountCallersRequest(const std::string& caller,
                                  const absl::Status& status, int images) {
  const std::string label = LabelOf(caller);
  caller_requests_
      .Add({{"caller", label},
            {"code", absl::StatusCodeToString(status.code())}})
      .Increment();
  caller_images_.Add({{"caller", label}}).Increment(images);
}

std::string Metrics::LabelOf(const std::string& caller) {
  absl::MutexLock lock(&mutex_);
  if (callers_.size() < kMostCallers) callers_.insert(caller);
  return callers_.count(caller) > 0 ? caller : "other";
}

}  // namespace ella
