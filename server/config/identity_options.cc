#include "server/config/identity_options.h"

namespace ella {

absl::Status IdentityOptions::Validate() const {
  if (tls_cert.empty() != tls_key.empty()) {
    return absl::InvalidArgumentError(tls_key.empty()
                                          ? "--tls-cert needs --tls-key"
                                          : "--tls-key needs --tls-cert");
  }
  if (!tls_client_ca.empty() && tls_cert.empty()) {
    return absl::InvalidArgumentError(
        "--tls-client-ca needs --tls-cert and --tls-key");
  }
  return absl::OkStatus();
}

}  // namespace ella
