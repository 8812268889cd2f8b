#include "server/scheduling/decode_stage.h"

#include <algorithm>
#include <utility>

namespace ella {

void DecodeStage::AddImages(std::unique_ptr<Decoding> decoding,
                            std::vector<Picture> pictures) {
  const auto first_preview = std::find_if(
      works_.begin(), works_.end(),
      [](const Work& work) { return work.finished.preview_step > 0; });
  Work work{std::move(decoding), {}};
  work.finished.pictures = std::move(pictures);
  works_.insert(first_preview, std::move(work));
}

bool DecodeStage::AddPreview(std::unique_ptr<Decoding> decoding,
                             Picture picture, int step) {
  for (const Work& work : works_) {
    if (work.finished.preview_step > 0 &&
        work.finished.pictures[0] == picture) {
      return false;
    }
  }
  Work work{std::move(decoding), {}};
  work.finished.pictures = {picture};
  work.finished.preview_step = step;
  works_.push_back(std::move(work));
  return true;
}

void DecodeStage::Drop(uint64_t request) {
  for (auto work = works_.begin(); work != works_.end();) {
    bool wanted = false;
    for (Picture& picture : work->finished.pictures) {
      if (picture.request == request) picture.request = 0;
      wanted = wanted || picture.request != 0;
    }
    work = wanted ? work + 1 : works_.erase(work);
  }
}

std::vector<DecodeStage::Finished> DecodeStage::Run(absl::Duration budget) {
  std::vector<Finished> all;
  const absl::Time begin = clock_->Now();
  absl::Time now = begin;
  do {
    Work& work = works_.front();
    const absl::Status status = work.decoding->RunSlice();
    const absl::Time end = clock_->Now();
    work.finished.time += end - now;
    now = end;
    if (status.ok() && work.decoding->slices_left() > 0) continue;
    Finished& finished = work.finished;
    finished.images = status.ok() ? work.decoding->TakeImages()
                                  : std::vector<absl::StatusOr<RgbImage>>(
                                        finished.pictures.size(), status);
    all.push_back(std::move(finished));
    works_.pop_front();
  } while (!works_.empty() && now - begin < budget);
  return all;
}

}  // namespace ella
