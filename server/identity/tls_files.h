#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "server/config/identity_options.h"
#include "server/identity/file_reloader.h"
#include "server/scheduling/clock.h"

namespace ella {

// All PEM.
struct TlsMaterial {
  std::string certificates;  // the server's, then those that vouch for it
  std::string private_key;
  std::string client_ca;  // empty: callers need no certificate
};

// InvalidArgument naming the file whose content can't be parsed to its end, or
// the key that isn't the certificate's.
absl::Status CheckTlsMaterial(const IdentityOptions& files,
                              const TlsMaterial& material);

// The files of TLS, as they were last good. Thread-safe.
class TlsFiles {
 public:
  // An error names the file that can't be used. `files` has a certificate. The
  // clock outlives this.
  static absl::StatusOr<std::unique_ptr<TlsFiles>> Load(
      const IdentityOptions& files, const Clock* clock, WarningFunction warn);

  bool asks_for_client_certificates() const { return asks_; }

  // What to use from now on; nothing where that is what was taken last.
  std::optional<TlsMaterial> TakeNew();

 private:
  TlsFiles(const IdentityOptions& files, const Clock* clock,
           WarningFunction warn);

  const bool asks_;

  absl::Mutex mutex_;
  FileReloader files_ ABSL_GUARDED_BY(mutex_);
  std::optional<TlsMaterial> new_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ella
