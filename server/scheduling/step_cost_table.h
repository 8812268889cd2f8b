#pragma once

#include <cstdint>
#include <map>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace ella {

// What a step costs: size x UNet rows -> time and memory; and from that, how
// many rows a step of a size should take. Sizes count as their latent pixels.
// Measured at warm-up, and kept up to date by each step. Thread-safe.
class StepCostTable {
 public:
  // max_rows: no step takes more, whatever is measured.
  explicit StepCostTable(int max_rows) : max_rows_(max_rows) {}

  // A step took so long.
  void Observe(int latent_pixels, int rows, absl::Duration elapsed);
  // The pictures of so many images were decoded in this time.
  void ObserveDecode(int latent_pixels, int images, absl::Duration elapsed);

  // One step: interpolated between the row counts known at this size, or
  // scaled from the nearest size; zero while nothing is known.
  absl::Duration StepTime(int latent_pixels, int rows) const;
  absl::Duration DecodeTime(int latent_pixels) const;

  // Derives the limit of this size from what has been observed at it so far:
  // the fewest rows that come within a twentieth of the best rows per second,
  // as more only make each step longer. Limits of other sizes follow by area.
  void SetLimitFromTimes(int latent_pixels);
  // Steps get no more memory than `budget`; bytes_per_latent_pixel is what one
  // row takes.
  void SetMemory(double bytes_per_latent_pixel, int64_t budget);
  // So many rows were too many for the memory.
  void CapRows(int latent_pixels, int rows);

  // UNet rows that a step of this size may take, at least 1.
  int RowLimit(int latent_pixels) const;
  // What so many rows take, and what they may; 0 where it isn't known.
  int64_t BytesFor(int latent_pixels, int rows) const;
  int64_t memory_budget() const;

 private:
  using Times = std::map<int, double>;  // seconds by rows

  double StepSeconds(int latent_pixels, int rows) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const int max_rows_;
  mutable absl::Mutex mutex_;
  std::map<int, Times> steps_ ABSL_GUARDED_BY(mutex_);  // by latent pixels
  double decode_seconds_per_pixel_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<int, int> limits_ ABSL_GUARDED_BY(mutex_);  // by latent pixels
  double bytes_per_latent_pixel_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t memory_budget_ ABSL_GUARDED_BY(mutex_) = 0;
  double most_pixels_ ABSL_GUARDED_BY(mutex_) = 0;  // rows x latent pixels
};

}  // namespace ella
