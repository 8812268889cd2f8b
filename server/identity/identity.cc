#include "server/identity/identity.h"

#include <utility>

namespace ella {

absl::StatusOr<Identity> LoadIdentity(const IdentityOptions& options,
                                      const Clock* clock,
                                      const WarningFunction& warn) {
  Identity identity;
  if (!options.tls_cert.empty()) {
    absl::StatusOr<std::unique_ptr<TlsFiles>> tls =
        TlsFiles::Load(options, clock, warn);
    if (!tls.ok()) return tls.status();
    identity.tls = *std::move(tls);
  }
  if (!options.api_keys.empty()) {
    absl::StatusOr<std::unique_ptr<ApiKeys>> keys =
        ApiKeys::Load(options.api_keys, clock, warn);
    if (!keys.ok()) return keys.status();
    identity.api_keys = *std::move(keys);
  }
  return identity;
}

}  // namespace ella
