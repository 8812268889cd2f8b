// One line on a terminal that changes while a request runs.
#pragma once

#include <cstdint>
#include <map>
#include <ostream>
#include <string>

#include "ella/v1/text_to_image.pb.h"

namespace ella {

// Queue position, then a bar with step and time left. Writes nothing where
// `enabled` is false, as it should be unless `stream` is a terminal. Not
// thread-safe.
class ProgressLine {
 public:
  // `num_images`: how many are asked for. The stream outlives it.
  ProgressLine(std::ostream& stream, bool enabled, uint32_t num_images);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void Show(const v1::GenerateResponse& event);

  // Any text, instead of a request's progress.
  void Draw(const std::string& text);

  // Frees the line for other output; the next Show() or Draw() draws it again.
  void Clear();

 private:
  std::string Bar(const v1::Progress& progress);

  std::ostream& stream_;
  const bool enabled_;
  const uint32_t num_images_;
  std::map<uint32_t, uint32_t> steps_done_;  // by image
  size_t drawn_ = 0;                         // characters on the line
};

}  // namespace ella
