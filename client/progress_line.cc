#include "client/progress_line.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/durations.h"

namespace ella {
namespace {

constexpr int kBarWidth = 30;

}  // namespace

ProgressLine::ProgressLine(std::ostream& stream, bool enabled,
                           uint32_t num_images)
    : stream_(stream),
      enabled_(enabled),
      num_images_(std::max(num_images, 1u)) {}

ProgressLine::~ProgressLine() { Clear(); }

void ProgressLine::Show(const v1::GenerateResponse& event) {
  if (!enabled_) return;
  if (event.has_queued()) {
    std::string text =
        absl::StrCat("queued, ", event.queued().position(), " ahead");
    if (const double wait = Seconds(event.queued().estimated_wait());
        wait > 0) {
      absl::StrAppendFormat(&text, ", about %.0f s", std::ceil(wait));
    }
    Draw(text);
  } else if (event.has_started()) {
    steps_done_.clear();
    Draw("starting");
  } else if (event.has_progress()) {
    Draw(Bar(event.progress()));
  }
}

std::string ProgressLine::Bar(const v1::Progress& progress) {
  steps_done_[progress.image_index()] = progress.step();
  uint64_t done = 0;
  for (const auto& [image, steps] : steps_done_) done += steps;
  const uint64_t all = uint64_t{progress.steps()} * num_images_;
  const double share =
      all == 0 ? 0 : std::min(1.0, static_cast<double>(done) / all);
  const int filled = static_cast<int>(share * kBarWidth);
  return absl::StrFormat("step %d/%d [%s%s] eta %.1f s", done / num_images_,
                         progress.steps(), std::string(filled, '#'),
                         std::string(kBarWidth - filled, '.'),
                         Seconds(progress.eta()));
}

void ProgressLine::Clear() { Draw(""); }

void ProgressLine::Draw(const std::string& text) {
  if (!enabled_ || (text.empty() && drawn_ == 0)) return;
  const size_t padding = drawn_ > text.size() ? drawn_ - text.size() : 0;
  stream_ << '\r' << text << std::string(padding, ' ');
  if (text.empty()) stream_ << '\r';
  stream_.flush();
  drawn_ = text.size();
}

}  // namespace ella
