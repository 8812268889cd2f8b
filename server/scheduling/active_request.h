#pragma once

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/scheduling/batch_policy.h"
#include "server/scheduling/caller_ledger.h"
#include "server/scheduling/task.h"

namespace ella {

// A request that has rows: what of it is done, and what it took. Belongs to the
// denoising thread.
class ActiveRequest {
 public:
  explicit ActiveRequest(std::unique_ptr<Task> task)
      : task_(std::move(task)), left_(task_->params.num_images) {}

  // Makes the rows, and sends `started`.
  absl::Status Start(absl::Time now);

  const Task& task() const { return *task_; }
  Row* row(int image) const { return rows_[image].get(); }
  const RowParams& row_params() const { return row_params_; }
  // As the policy sees it.
  Candidate AsCandidate(Standing standing) const;
  // Images that need no more steps and aren't being decoded.
  std::vector<int> Denoised() const;
  int steps_left() const;  // of the image that has most
  int images_left() const { return left_; }
  int rows_in_work() const;  // images that need steps

  // One of its images was in a step of so many UNet rows. Once a step.
  void CountStep(absl::Duration elapsed, int batch_rows);
  void CountDecode(absl::Duration time) { times_.decode_time += time; }
  // The image's row is of no more use.
  void DropRow(int image);
  // Sends the image; after the last one, `done`. True then.
  bool SendImage(int image, RgbImage picture);

  // Rows of it were in the last step.
  bool stepped = false;

 private:
  const std::unique_ptr<Task> task_;
  RowParams row_params_;                    // of the last image
  std::vector<std::unique_ptr<Row>> rows_;  // by image; null once denoised
  int left_;                                // images to send
  DoneEvent times_;
  int steps_ = 0;
  int64_t batch_rows_ = 0;  // over its steps
};

}  // namespace ella
