#include "model/weights/fingerprint.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"

namespace ella {
namespace {

constexpr size_t kBytesPerTensor = 4096;

// Collects a failure until the end, as none is expected.
class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new()) {
    ok_ = context_ != nullptr &&
          EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1;
  }

  void Add(const void* data, size_t size) {
    ok_ = ok_ && EVP_DigestUpdate(context_.get(), data, size) == 1;
  }
  // Little-endian.
  void AddNumber(uint64_t value) {
    std::array<uint8_t, 8> bytes;
    for (uint8_t& byte : bytes) {
      byte = static_cast<uint8_t>(value);
      value >>= 8;
    }
    Add(bytes.data(), bytes.size());
  }
  // With its length, so that no two lists of texts give the same bytes.
  void AddText(absl::string_view text) {
    AddNumber(text.size());
    Add(text.data(), text.size());
  }

  absl::StatusOr<std::string> Hex() {
    std::array<char, EVP_MAX_MD_SIZE> digest;
    unsigned int size = 0;
    if (!ok_ || EVP_DigestFinal_ex(context_.get(),
                                   reinterpret_cast<uint8_t*>(digest.data()),
                                   &size) != 1) {
      return absl::InternalError("SHA-256 failed");
    }
    return absl::BytesToHexString(absl::string_view(digest.data(), size));
  }

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
  bool ok_ = false;
};

}  // namespace

absl::StatusOr<std::string> Fingerprint(
    const std::map<std::string, const Checkpoint*>& parts) {
  Sha256 sha;
  for (const auto& [prefix, checkpoint] : parts) {
    for (const auto& [name, tensor] : checkpoint->tensors()) {
      sha.AddText(prefix);
      sha.AddText(name);
      sha.AddText(DtypeName(tensor.dtype));
      sha.AddNumber(tensor.shape.size());
      for (const int64_t length : tensor.shape) {
        sha.AddNumber(static_cast<uint64_t>(length));
      }
      sha.Add(tensor.data.data(),
              std::min(tensor.data.size(), kBytesPerTensor));
    }
  }
  return sha.Hex();
}

}  // namespace ella
