// Who looks at the pictures.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/dpg/questions.h"
#include "model/api/types.h"

namespace ella {

// One picture of an item.
struct Crop {
  std::string item_id;
  int index = 0;  // from 0: top left, top right, bottom left, bottom right
  RgbImage image;
};

class Judge {
 public:
  virtual ~Judge() = default;

  // An answer to each question, in their order; "yes" alone counts.
  // InvalidArgument: this crop can't be judged, others can. Any other error:
  // the judge is of no further use. One thread at a time.
  virtual absl::StatusOr<std::vector<std::string>> Answer(
      const Crop& crop, const std::vector<Question>& questions) = 0;
};

}  // namespace ella
