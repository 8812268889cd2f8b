// A folder of pictures with captions: NAME.png beside NAME.txt.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "model/training/training_data.h"

namespace ella {

class FolderData : public TrainingData {
 public:
  // Pictures are scaled and cut to squares of that side, in pixels. NotFound
  // without a pair of files; InvalidArgument, naming it, for a picture without
  // a caption, and for a caption that is empty or no UTF-8.
  static absl::StatusOr<FolderData> Open(const std::string& folder, int side);

  // The one caption of each picture, whatever the kind. InvalidArgument, with
  // the file's name, for what is no PNG.
  absl::StatusOr<TrainingBatch> Draw(uint64_t seed, int64_t batch,
                                     CaptionKind kind) override;

  size_t size() const { return pairs_.size(); }

 private:
  struct Pair {
    std::string picture;  // its file
    std::string caption;
  };

  FolderData(std::vector<Pair> pairs, int side)
      : pairs_(std::move(pairs)), side_(side) {}

  std::vector<Pair> pairs_;  // by name
  int side_;
};

}  // namespace ella
