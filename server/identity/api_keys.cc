#include "server/identity/api_keys.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/scheduling/retry_delay.h"

namespace ella {
namespace {

// Nobody knows when a caller's own images end.
constexpr absl::Duration kRetryForImages = absl::Seconds(1);

// Keys are long and random, so one round of a plain hash keeps them secret.
absl::StatusOr<std::string> Sha256(absl::string_view text) {
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  if (EVP_Digest(text.data(), text.size(),
                 reinterpret_cast<unsigned char*>(digest.data()), &size,
                 EVP_sha256(), nullptr) != 1) {
    return absl::InternalError("SHA-256 failed");
  }
  digest.resize(size);
  return digest;
}

absl::Status TryLater(absl::string_view message, absl::Duration delay) {
  absl::Status status = absl::ResourceExhaustedError(message);
  SetRetryDelay(delay, &status);
  return status;
}

}  // namespace

ApiKeys::ApiKeys(const std::string& path, const Clock* clock,
                 WarningFunction warn)
    : clock_(clock),
      file_(
          {path}, clock,
          [this, path](const std::vector<std::string>& contents)
              ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
                absl::StatusOr<std::vector<ApiKey>> keys =
                    ParseApiKeys(contents[0]);
                if (!keys.ok()) {
                  return absl::InvalidArgumentError(
                      absl::StrCat(path, ": ", keys.status().message()));
                }
                keys_ = *std::move(keys);
                return absl::OkStatus();
              },
          std::move(warn)) {}

absl::StatusOr<std::unique_ptr<ApiKeys>> ApiKeys::Load(const std::string& path,
                                                       const Clock* clock,
                                                       WarningFunction warn) {
  std::unique_ptr<ApiKeys> keys(new ApiKeys(path, clock, std::move(warn)));
  absl::MutexLock lock(&keys->mutex_);
  if (absl::Status s = keys->file_.Load(); !s.ok()) return s;
  return keys;
}

absl::StatusOr<Caller> ApiKeys::Find(absl::string_view key) {
  const absl::StatusOr<std::string> hash = Sha256(key);
  if (!hash.ok()) return hash.status();
  absl::MutexLock lock(&mutex_);
  file_.Refresh();
  const ApiKey* found = nullptr;
  // To the end, so that the time tells nothing of where it stands.
  for (const ApiKey& one : keys_) {
    if (CRYPTO_memcmp(one.sha256.data(), hash->data(), hash->size()) == 0) {
      found = &one;
    }
  }
  if (found == nullptr) {
    return absl::UnauthenticatedError("the API key is not known");
  }
  return found->caller;
}

absl::StatusOr<ApiKeys::Place> ApiKeys::Admit(const Caller& caller,
                                              int priority, int num_images) {
  const CallerLimits& limits = caller.limits;
  if (limits.max_priority && priority > *limits.max_priority) {
    return absl::PermissionDeniedError(
        absl::StrCat("priority must be at most ", *limits.max_priority,
                     " with this API key, was ", priority));
  }
  if (limits.max_images && num_images > *limits.max_images) {
    return absl::PermissionDeniedError(
        absl::StrCat("num_images must be at most ", *limits.max_images,
                     " with this API key, was ", num_images));
  }
  if (!limits.max_images && !limits.requests_per_minute) return nullptr;
  absl::MutexLock lock(&mutex_);
  Use& use = use_[caller.name];
  if (limits.max_images && use.images + num_images > *limits.max_images) {
    return TryLater(absl::StrCat("the API key allows ", *limits.max_images,
                                 " images at once, and ", use.images,
                                 " wait or are in work"),
                    kRetryForImages);
  }
  if (limits.requests_per_minute) {
    if (!use.requests ||
        use.requests->per_minute() != *limits.requests_per_minute) {
      use.requests.emplace(*limits.requests_per_minute);
    }
    const absl::Duration wait = use.requests->Take(clock_->Now());
    if (wait > absl::ZeroDuration()) {
      return TryLater(
          absl::StrCat("the API key allows ", *limits.requests_per_minute,
                       " requests per minute"),
          wait);
    }
  }
  if (!limits.max_images) return nullptr;
  use.images += num_images;
  return Place(nullptr, [this, name = caller.name, num_images](void*) {
    GiveBack(name, num_images);
  });
}

void ApiKeys::GiveBack(const std::string& caller, int num_images) {
  absl::MutexLock lock(&mutex_);
  use_[caller].images -= num_images;
}

}  // namespace ella
