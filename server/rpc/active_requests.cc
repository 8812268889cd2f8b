#include "server/rpc/active_requests.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/rpc/quote.h"

namespace ella {

absl::Status ActiveRequests::Add(const std::string& id,
                                 const std::string& caller,
                                 std::shared_ptr<std::atomic<bool>> cancelled) {
  absl::MutexLock lock(&mutex_);
  if (!entries_.try_emplace(id, Entry{caller, std::move(cancelled), {}})
           .second) {
    return absl::AlreadyExistsError(
        absl::StrCat("request_id ", Quote(id), " is in use"));
  }
  return absl::OkStatus();
}

void ActiveRequests::Remove(const std::string& id) {
  std::vector<absl::AnyInvocable<void()>> on_stopped;
  {
    absl::MutexLock lock(&mutex_);
    auto it = entries_.find(id);
    if (it == entries_.end()) return;
    on_stopped = std::move(it->second.on_stopped);
    entries_.erase(it);
  }
  for (absl::AnyInvocable<void()>& call : on_stopped) call();
}

absl::Status ActiveRequests::Cancel(const std::string& id,
                                    const std::string& caller,
                                    absl::AnyInvocable<void()> on_stopped) {
  absl::MutexLock lock(&mutex_);
  auto it = entries_.find(id);
  if (it == entries_.end() || it->second.caller != caller) {
    return absl::NotFoundError(absl::StrCat(
        "request_id ", Quote(id), " is not one of your active requests"));
  }
  *it->second.cancelled = true;
  it->second.on_stopped.push_back(std::move(on_stopped));
  return absl::OkStatus();
}

}  // namespace ella
