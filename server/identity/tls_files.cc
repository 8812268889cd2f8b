#include "server/identity/tls_files.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace ella {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Bio = std::unique_ptr<BIO, Free>;
using Certificate = std::unique_ptr<X509, Free>;
using Key = std::unique_ptr<EVP_PKEY, Free>;

Bio Reader(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// OpenSSL's own would ask at the terminal.
int NoPassword(char*, int, int, void*) { return -1; }

// The first of the certificates, where all of them are whole.
absl::StatusOr<Certificate> ReadCertificates(const std::string& path,
                                             const std::string& text) {
  const Bio reader = Reader(text);
  Certificate first;
  ERR_clear_error();
  while (Certificate next{
      PEM_read_bio_X509(reader.get(), nullptr, &NoPassword, nullptr)}) {
    if (first == nullptr) first = std::move(next);
  }
  const bool at_end =
      ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (first == nullptr || !at_end) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": ",
        first == nullptr ? "has no certificate" : "a certificate is broken",
        " (PEM)"));
  }
  return first;
}

absl::StatusOr<Key> ReadKey(const std::string& path, const std::string& text) {
  Key key(PEM_read_bio_PrivateKey(Reader(text).get(), nullptr, &NoPassword,
                                  nullptr));
  ERR_clear_error();
  if (key == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": has no private key (PEM, without a password)"));
  }
  return key;
}

std::vector<std::string> PathsOf(const IdentityOptions& files) {
  std::vector<std::string> paths = {files.tls_cert, files.tls_key};
  if (!files.tls_client_ca.empty()) paths.push_back(files.tls_client_ca);
  return paths;
}

}  // namespace

absl::Status CheckTlsMaterial(const IdentityOptions& files,
                              const TlsMaterial& material) {
  const absl::StatusOr<Certificate> certificate =
      ReadCertificates(files.tls_cert, material.certificates);
  if (!certificate.ok()) return certificate.status();
  const absl::StatusOr<Key> key = ReadKey(files.tls_key, material.private_key);
  if (!key.ok()) return key.status();
  const bool match =
      X509_check_private_key(certificate->get(), key->get()) == 1;
  ERR_clear_error();
  if (!match) {
    return absl::InvalidArgumentError(
        absl::StrCat(files.tls_key,
                     ": is not the private key of the first "
                     "certificate in ",
                     files.tls_cert));
  }
  if (files.tls_client_ca.empty()) return absl::OkStatus();
  return ReadCertificates(files.tls_client_ca, material.client_ca).status();
}

TlsFiles::TlsFiles(const IdentityOptions& files, const Clock* clock,
                   WarningFunction warn)
    : asks_(!files.tls_client_ca.empty()),
      files_(
          PathsOf(files), clock,
          [this, files](const std::vector<std::string>& contents)
              ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
                TlsMaterial material = {
                    .certificates = contents[0],
                    .private_key = contents[1],
                    .client_ca = contents.size() > 2 ? contents[2] : ""};
                absl::Status status = CheckTlsMaterial(files, material);
                if (status.ok()) new_ = std::move(material);
                return status;
              },
          std::move(warn)) {}

absl::StatusOr<std::unique_ptr<TlsFiles>> TlsFiles::Load(
    const IdentityOptions& files, const Clock* clock, WarningFunction warn) {
  std::unique_ptr<TlsFiles> tls(new TlsFiles(files, clock, std::move(warn)));
  absl::MutexLock lock(&tls->mutex_);
  if (absl::Status s = tls->files_.Load(); !s.ok()) return s;
  return tls;
}

std::optional<TlsMaterial> TlsFiles::TakeNew() {
  absl::MutexLock lock(&mutex_);
  files_.Refresh();
  return std::exchange(new_, std::nullopt);
}

}  // namespace ella
