#pragma once

#include <string>

#include "absl/time/time.h"

typedef struct evp_pkey_st EVP_PKEY;  // OpenSSL's

namespace ella {

// PEM.
struct TestCertificate {
  std::string certificate;
  std::string private_key;
};

// Issues certificates for tests.
class TestAuthority {
 public:
  explicit TestAuthority(const std::string& name);
  ~TestAuthority();
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;

  // Its own certificate, PEM.
  const std::string& certificate() const { return certificate_; }

  // A server with it is `localhost` and 127.0.0.1. Valid from yesterday until
  // so long from now; below zero, it has expired.
  TestCertificate Issue(const std::string& common_name,
                        absl::Duration valid_for = absl::Hours(1)) const;

 private:
  const std::string name_;
  EVP_PKEY* const key_;
  std::string certificate_;
};

}  // namespace ella
