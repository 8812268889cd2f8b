#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "model/api/engine.h"
#include "server/scheduling/clock.h"

namespace ella {

// The pictures that are being decoded, slice by slice between steps. Images go
// before previews, else the older first. Belongs to the denoising thread.
class DecodeStage {
 public:
  struct Picture {
    uint64_t request = 0;
    int image_index = 0;

    friend bool operator==(const Picture&, const Picture&) = default;
  };
  // A decoding that has come to its end.
  struct Finished {
    std::vector<Picture> pictures;  // request 0: no longer wanted
    std::vector<absl::StatusOr<RgbImage>> images;
    int preview_step = 0;  // 0: the images themselves
    absl::Duration time;
  };

  explicit DecodeStage(const Clock* clock) : clock_(clock) {}

  // `pictures`, one for each row of the decoding.
  void AddImages(std::unique_ptr<Decoding> decoding,
                 std::vector<Picture> pictures);
  // False where the picture before it isn't finished yet.
  bool AddPreview(std::unique_ptr<Decoding> decoding, Picture picture,
                  int step);

  // The request's pictures are no longer wanted.
  void Drop(uint64_t request);

  bool idle() const { return works_.empty(); }

  // Runs at least one slice, and further ones until `budget` is spent or there
  // are none. What got finished.
  std::vector<Finished> Run(absl::Duration budget);

 private:
  struct Work {
    std::unique_ptr<Decoding> decoding;
    Finished finished;  // but for its images
  };

  const Clock* const clock_;
  std::deque<Work> works_;  // images first
};

}  // namespace ella
