#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "server/config/identity_options.h"
#include "server/identity/api_keys.h"
#include "server/identity/file_reloader.h"
#include "server/identity/tls_files.h"
#include "server/scheduling/clock.h"

namespace ella {

// What is known of who may come in; null where nothing is asked for.
struct Identity {
  std::unique_ptr<TlsFiles> tls;
  std::unique_ptr<ApiKeys> api_keys;
};

// An error names the file that can't be used. The clock outlives the identity.
// `warn` is called later, on any thread, where a changed file can't be used.
absl::StatusOr<Identity> LoadIdentity(const IdentityOptions& options,
                                      const Clock* clock,
                                      const WarningFunction& warn);

}  // namespace ella
