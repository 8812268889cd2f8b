#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "server/identity/api_key_file.h"
#include "server/identity/caller.h"
#include "server/identity/file_reloader.h"
#include "server/identity/token_bucket.h"
#include "server/scheduling/clock.h"

namespace ella {

// The keys of a file, and what their callers use of their limits. A change of
// the file counts from the next call on; requests that run go on. Thread-safe;
// no call waits for more than the file.
class ApiKeys {
 public:
  // Holds the place of a request's images among those of its caller, and gives
  // it back as it goes. Null where the caller has no limit.
  using Place = std::shared_ptr<void>;

  // An error where the file can't be read or isn't as it should be. The clock
  // outlives the keys.
  static absl::StatusOr<std::unique_ptr<ApiKeys>> Load(const std::string& path,
                                                       const Clock* clock,
                                                       WarningFunction warn);

  // Whose key it is; Unauthenticated where it is nobody's.
  absl::StatusOr<Caller> Find(absl::string_view key);

  // Whether the caller may ask for this now. PermissionDenied where never;
  // ResourceExhausted with a retry delay where not yet. A request that may go
  // ahead counts against the caller's rate, whatever becomes of it. The keys
  // outlive the place.
  absl::StatusOr<Place> Admit(const Caller& caller, int priority,
                              int num_images);

 private:
  struct Use {
    std::optional<TokenBucket> requests;
    int images = 0;
  };

  ApiKeys(const std::string& path, const Clock* clock, WarningFunction warn);
  void GiveBack(const std::string& caller, int num_images);

  const Clock* const clock_;

  absl::Mutex mutex_;
  FileReloader file_ ABSL_GUARDED_BY(mutex_);
  std::vector<ApiKey> keys_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Use> use_ ABSL_GUARDED_BY(mutex_);  // by name
};

}  // namespace ella
