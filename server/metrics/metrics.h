#pragma once

#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/gauge.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"

namespace ella {

// What the server counts and measures of its own work; docs/metrics.md says
// what each is for. A UNet row is one of a step's batch: a guided image takes
// two. Any thread may update any of them.
struct Metrics {
  // The registry holds what the references refer to, and must outlive this.
  Metrics(prometheus::Registry* registry, const std::string& version);
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // Once for each call that asks for images, when it ends; refused ones too.
  void CountRequest(const absl::Status& status);
  // Besides, for a caller known by name, with the images that it was handed.
  // Beyond the first thousand callers, all others count as `other`.
  void CountCallersRequest(const std::string& caller,
                           const absl::Status& status, int images);

  // Of a request: from its acceptance to its end, to its start, and to the
  // first preview handed over.
  prometheus::Histogram& request_duration_seconds;
  prometheus::Histogram& queue_wait_seconds;
  prometheus::Histogram& first_preview_seconds;
  // Of one UNet call with all that belongs to its step, one pass of the text
  // encoders, all slices of one decoding, one PNG.
  prometheus::Histogram& step_duration_seconds;
  prometheus::Histogram& text_encode_duration_seconds;
  prometheus::Histogram& decode_duration_seconds;
  prometheus::Histogram& png_duration_seconds;
  prometheus::Histogram& step_batch_rows;  // UNet rows of a step

  prometheus::Gauge& queue_depth;      // requests
  prometheus::Gauge& active_requests;  // requests
  prometheus::Gauge& active_rows;      // images, started and not yet decoded
  prometheus::Gauge& running_rows;     // UNet rows of the last step; 0 idle
  prometheus::Gauge& parked_rows;      // images, begun and left out of steps
  prometheus::Gauge& batch_row_limit;  // UNet rows, at the last step's size

  prometheus::Counter& steps_total;      // UNet calls
  prometheus::Counter& row_steps_total;  // UNet rows over all steps
  // UNet rows whose request was no longer wanted when their step ended.
  prometheus::Counter& row_steps_after_cancel_total;
  prometheus::Counter& joins_total;  // images that were started
  prometheus::Counter& parks_total;  // images that had to pause
  prometheus::Counter& batch_splits_total;
  prometheus::Counter& out_of_memory_total;
  prometheus::Counter& images_total;    // handed over
  prometheus::Counter& previews_total;  // handed over
  prometheus::Counter& previews_dropped_pool;
  prometheus::Counter& previews_dropped_slow_reader;
  prometheus::Counter& previews_dropped_decoder;
  prometheus::Counter& log_lines_dropped_total;
  prometheus::Counter& model_loads_ok;  // while serving
  prometheus::Counter& model_loads_failed;
  prometheus::Counter& model_evictions_total;

 private:
  std::string LabelOf(const std::string& caller);

  std::vector<prometheus::Counter*> requests_;  // by absl::StatusCode
  prometheus::Family<prometheus::Counter>& caller_requests_;
  prometheus::Family<prometheus::Counter>& caller_images_;

  absl::Mutex mutex_;
  std::set<std::string> callers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ella
