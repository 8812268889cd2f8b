#pragma once

#include <cstdint>
#include <set>

#include "ella/v1/text_to_image.pb.h"

namespace ella {

// What is still to be drawn of a request whose tries may each bring some of its
// images. Image i has the seed of image 0 plus i, so the rest can be asked for
// by itself. Belongs to one thread at a time.
class RemainingImages {
 public:
  explicit RemainingImages(v1::GenerateRequest request);

  // What the next try asks for: from the first image that is missing on.
  v1::GenerateRequest NextTry();

  // Renumbers an event of the last NextTry() as one of the whole request.
  // False where it is of an image that has come before: not to be handed on.
  bool Take(v1::GenerateResponse* event);

  bool any() const { return !arrived_.empty(); }
  bool all() const { return arrived_.size() >= num_images_; }

 private:
  v1::GenerateRequest request_;
  const uint32_t num_images_;
  std::set<uint32_t> arrived_;
  uint32_t first_ = 0;  // image of the last NextTry()
};

}  // namespace ella
