#include "server/scheduling/step_cost_table.h"

#include <algorithm>
#include <cmath>

namespace ella {
namespace {

// Share of the newest observation in the running average.
constexpr double kNewest = 0.2;
// Share of the best rows per second that is good enough.
constexpr double kGoodEnough = 0.95;

void Average(double measured, double* average) {
  *average =
      *average == 0 ? measured : kNewest * measured + (1 - kNewest) * *average;
}

// The entry whose key is nearest by ratio; the map is not empty.
template <typename Value>
const std::pair<const int, Value>& Nearest(const std::map<int, Value>& map,
                                           int key) {
  auto above = map.lower_bound(key);
  if (above == map.begin()) return *above;
  auto below = std::prev(above);
  if (above == map.end()) return *below;
  return static_cast<double>(above->first) / key <
                 static_cast<double>(key) / below->first
             ? *above
             : *below;
}

// Between and beyond what is known, time grows in proportion to rows.
double Interpolate(const std::map<int, double>& times, int rows) {
  auto above = times.lower_bound(rows);
  if (above == times.end()) {
    auto last = std::prev(above);
    return last->second * rows / last->first;
  }
  if (above->first == rows || above == times.begin()) return above->second;
  auto below = std::prev(above);
  const double part =
      static_cast<double>(rows - below->first) / (above->first - below->first);
  return below->second + part * (above->second - below->second);
}

}  // namespace

void StepCostTable::Observe(int latent_pixels, int rows,
                            absl::Duration elapsed) {
  absl::MutexLock lock(&mutex_);
  Average(absl::ToDoubleSeconds(elapsed), &steps_[latent_pixels][rows]);
}

void StepCostTable::ObserveDecode(int latent_pixels, int images,
                                  absl::Duration elapsed) {
  absl::MutexLock lock(&mutex_);
  Average(absl::ToDoubleSeconds(elapsed) / latent_pixels / images,
          &decode_seconds_per_pixel_);
}

double StepCostTable::StepSeconds(int latent_pixels, int rows) const {
  if (steps_.empty()) return 0;
  const auto& [pixels, times] = Nearest(steps_, latent_pixels);
  return Interpolate(times, rows) * latent_pixels / pixels;
}

absl::Duration StepCostTable::StepTime(int latent_pixels, int rows) const {
  absl::MutexLock lock(&mutex_);
  return absl::Seconds(StepSeconds(latent_pixels, rows));
}

absl::Duration StepCostTable::DecodeTime(int latent_pixels) const {
  absl::MutexLock lock(&mutex_);
  return absl::Seconds(decode_seconds_per_pixel_ * latent_pixels);
}

void StepCostTable::SetLimitFromTimes(int latent_pixels) {
  absl::MutexLock lock(&mutex_);
  const Times& times = steps_[latent_pixels];
  double best = 0;  // rows a second
  for (const auto& [rows, seconds] : times) {
    best = std::max(best, rows / seconds);
  }
  for (const auto& [rows, seconds] : times) {
    if (rows / seconds < kGoodEnough * best) continue;
    limits_[latent_pixels] = rows;
    return;
  }
}

void StepCostTable::SetMemory(double bytes_per_latent_pixel, int64_t budget) {
  absl::MutexLock lock(&mutex_);
  bytes_per_latent_pixel_ = bytes_per_latent_pixel;
  memory_budget_ = budget;
}

void StepCostTable::CapRows(int latent_pixels, int rows) {
  absl::MutexLock lock(&mutex_);
  const double pixels = static_cast<double>(latent_pixels) * rows;
  most_pixels_ = most_pixels_ == 0 ? pixels : std::min(most_pixels_, pixels);
}

int StepCostTable::RowLimit(int latent_pixels) const {
  absl::MutexLock lock(&mutex_);
  double limit = max_rows_;
  if (!limits_.empty()) {
    const auto& [pixels, rows] = Nearest(limits_, latent_pixels);
    limit = std::min(
        limit, std::round(static_cast<double>(rows) * pixels / latent_pixels));
    // A guided image, whatever its size.
    limit = std::max(limit, 2.0);
  }
  if (bytes_per_latent_pixel_ > 0) {
    limit = std::min(limit, static_cast<double>(memory_budget_) /
                                bytes_per_latent_pixel_ / latent_pixels);
  }
  if (most_pixels_ > 0) limit = std::min(limit, most_pixels_ / latent_pixels);
  return std::max(1, static_cast<int>(limit));
}

int64_t StepCostTable::BytesFor(int latent_pixels, int rows) const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int64_t>(bytes_per_latent_pixel_ * latent_pixels * rows);
}

int64_t StepCostTable::memory_budget() const {
  absl::MutexLock lock(&mutex_);
  return memory_budget_;
}

}  // namespace ella
