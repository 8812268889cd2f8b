#pragma once

#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "prometheus/collectable.h"

namespace ella {

// What Prometheus scrapes: its sources in the text format, version 0.0.4.
// Thread-safe; empty at first.
class MetricsPage {
 public:
  // Shows a source on the page for as long as this lives. Its end waits for a
  // scrape under way, so that the source may go right after. The page outlives
  // it; no two sources have a metric in common.
  class Part {
   public:
    Part(MetricsPage* page, const prometheus::Collectable* source);
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;
    ~Part();

   private:
    MetricsPage* const page_;
    const prometheus::Collectable* const source_;
  };

  std::string Text() const;

 private:
  mutable absl::Mutex mutex_;
  std::vector<const prometheus::Collectable*> sources_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ella
