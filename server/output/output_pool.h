#pragma once

#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "image/image_metadata.h"
#include "model/api/types.h"
#include "server/config/server_options.h"
#include "server/output/work_queue.h"

namespace ella {

// Writes PNGs on threads of its own. Thread-safe; no call waits.
class OutputPool {
 public:
  // Called on a thread of the pool with the file and the time it took.
  using Callback = absl::AnyInvocable<void(absl::StatusOr<std::string> png,
                                           absl::Duration elapsed)>;

  // Destruction finishes what was accepted.
  explicit OutputPool(const OutputOptions& options);

  // Always accepted.
  void EncodeImage(RgbImage image, ImageMetadata metadata, Callback callback);

  // A PNG without text. False, and no call back, where too much waits already.
  bool TryEncodePreview(RgbImage image, Callback callback);

 private:
  const int max_waiting_previews_;
  WorkQueue work_;
};

}  // namespace ella
