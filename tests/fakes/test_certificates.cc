#include "tests/fakes/test_certificates.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <cstdlib>

namespace ella {
namespace {

// Nothing here fails but by a lack of memory.
void Must(bool done) {
  if (!done) std::abort();
}

EVP_PKEY* NewKey() {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  Must(key != nullptr);
  return key;
}

template <typename Write>
std::string Pem(const Write& write) {
  BIO* bio = BIO_new(BIO_s_mem());
  Must(bio != nullptr && write(bio) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<size_t>(size));
  BIO_free(bio);
  return text;
}

void SetName(X509_NAME* name, const std::string& common_name) {
  Must(X509_NAME_add_entry_by_txt(
           name, "CN", MBSTRING_UTF8,
           reinterpret_cast<const unsigned char*>(common_name.data()),
           static_cast<int>(common_name.size()), -1, 0) == 1);
}

void AddExtension(X509* certificate, int nid, const char* value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value);
  Must(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

// A certificate for `key`, signed by the issuer's.
std::string Sign(const std::string& name, EVP_PKEY* key,
                 const std::string& issuer, EVP_PKEY* issuer_key, bool is_ca,
                 absl::Duration valid_for) {
  static std::atomic<int64_t> last_serial{0};
  X509* certificate = X509_new();
  Must(certificate != nullptr);
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set_int64(X509_get_serialNumber(certificate), ++last_serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -24 * 3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate),
                  static_cast<long>(absl::ToInt64Seconds(valid_for)));
  SetName(X509_get_subject_name(certificate), name);
  SetName(X509_get_issuer_name(certificate), issuer);
  X509_set_pubkey(certificate, key);
  AddExtension(certificate, NID_basic_constraints,
               is_ca ? "critical,CA:TRUE" : "CA:FALSE");
  if (!is_ca) {
    AddExtension(certificate, NID_subject_alt_name,
                 "DNS:localhost,IP:127.0.0.1");
  }
  Must(X509_sign(certificate, issuer_key, EVP_sha256()) > 0);
  std::string text =
      Pem([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
  X509_free(certificate);
  return text;
}

}  // namespace

TestAuthority::TestAuthority(const std::string& name)
    : name_(name),
      key_(NewKey()),
      certificate_(
          Sign(name, key_, name, key_, /*is_ca=*/true, absl::Hours(1))) {}

TestAuthority::~TestAuthority() { EVP_PKEY_free(key_); }

TestCertificate TestAuthority::Issue(const std::string& common_name,
                                     absl::Duration valid_for) const {
  EVP_PKEY* key = NewKey();
  TestCertificate issued;
  issued.certificate =
      Sign(common_name, key, name_, key_, /*is_ca=*/false, valid_for);
  issued.private_key = Pem([&](BIO* bio) {
    return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr,
                                    nullptr);
  });
  EVP_PKEY_free(key);
  return issued;
}

}  // namespace ella
