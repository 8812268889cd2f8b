#pragma once

#include <string>

#include "absl/status/status.h"

namespace ella {

// Who may call over gRPC. Paths of files, which are read again when they
// change; empty: not used.
struct IdentityOptions {
  // The server's certificate with those that vouch for it, and its private
  // key: PEM, both or neither.
  std::string tls_cert;
  std::string tls_key;
  // Certificates (PEM) of those who may vouch for callers. Then each caller
  // must have a certificate of theirs.
  std::string tls_client_ca;
  // The callers' keys, as ParseApiKeys reads them. Then each call must have
  // one.
  std::string api_keys;

  // Whether calls are encrypted and callers proven.
  bool secure() const {
    return !tls_cert.empty() && (!tls_client_ca.empty() || !api_keys.empty());
  }
  // InvalidArgument naming the flag that lacks another. Opens no file.
  absl::Status Validate() const;
};

}  // namespace ella
