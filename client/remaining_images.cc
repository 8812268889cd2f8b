#include "client/remaining_images.h"

#include <algorithm>
#include <utility>

namespace ella {

RemainingImages::RemainingImages(v1::GenerateRequest request)
    : request_(std::move(request)),
      num_images_(request_.has_num_images() ? request_.num_images() : 1) {}

v1::GenerateRequest RemainingImages::NextTry() {
  while (arrived_.count(first_) > 0) ++first_;
  v1::GenerateRequest rest = request_;
  if (first_ > 0) {
    rest.set_seed(request_.seed() + first_);  // modulo 2^32
    rest.set_num_images(num_images_ - first_);
  }
  return rest;
}

bool RemainingImages::Take(v1::GenerateResponse* event) {
  const auto take = [this](auto* of_image) {
    of_image->set_image_index(of_image->image_index() + first_);
    return arrived_.count(of_image->image_index()) == 0;
  };
  switch (event->event_case()) {
    case v1::GenerateResponse::kProgress:
      return take(event->mutable_progress());
    case v1::GenerateResponse::kPreview:
      return take(event->mutable_preview());
    case v1::GenerateResponse::kImage: {
      v1::GeneratedImage* image = event->mutable_image();
      if (!take(image)) return false;
      arrived_.insert(image->image_index());
      // The server's, where the request left it open.
      request_.set_seed(image->seed() - image->image_index());
      return true;
    }
    default:
      return true;
  }
}

}  // namespace ella
