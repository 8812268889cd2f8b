// A cache bounded in bytes, which forgets the least recently used first.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/hash/hash.h"
#include "absl/synchronization/mutex.h"
#include "model/api/types.h"

namespace ella {

// A Value is a reference with use_count(), such as std::shared_ptr or
// at::Tensor. A value that is referred to from elsewhere stays findable,
// whatever the bound: forgetting it would free nothing. So a bound of 0 keeps
// values just while they are in use. What is over the bound goes at the next
// Find or Insert.
//
// Thread-safe. The lock is held for the look-up alone, values are destroyed
// outside it.
template <typename Key, typename Value>
class LruCache {
 public:
  explicit LruCache(int64_t max_bytes) : max_bytes_(max_bytes) {}

  // Counts a hit where there is a value, else nothing.
  std::optional<Value> Find(const Key& key) {
    std::vector<Value> dropped;  // outlives the lock
    absl::MutexLock lock(&mutex_);
    Trim(&dropped);
    const auto found = entries_.find(key);
    if (found == entries_.end()) return std::nullopt;
    ++stats_.hits;
    Entry& entry = found->second;
    order_.splice(order_.begin(), order_, entry.place);
    return entry.value;
  }

  // Counts and moves nothing.
  bool Contains(const Key& key) const {
    absl::MutexLock lock(&mutex_);
    return entries_.count(key) != 0;
  }

  // Adds what was made since it wasn't found, and counts a miss. An earlier
  // value of the key stays.
  void Insert(const Key& key, Value value, int64_t bytes) {
    std::vector<Value> dropped;  // outlives the lock
    absl::MutexLock lock(&mutex_);
    ++stats_.misses;
    const auto [place, added] = entries_.try_emplace(key);
    if (added) {
      order_.push_front(&place->first);
      place->second = {std::move(value), bytes, order_.begin()};
      stats_.bytes += bytes;
    }
    Trim(&dropped);
  }

  CacheStats stats() const {
    absl::MutexLock lock(&mutex_);
    CacheStats stats = stats_;
    stats.entries = static_cast<int64_t>(entries_.size());
    return stats;
  }

 private:
  struct Entry {
    Value value;
    int64_t bytes = 0;
    typename std::list<const Key*>::iterator place;
  };

  void Trim(std::vector<Value>* dropped) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    auto place = order_.end();
    while (stats_.bytes > max_bytes_ && place != order_.begin()) {
      const auto found = entries_.find(**std::prev(place));
      Entry& entry = found->second;
      // Nobody can come by a further reference: that takes the lock.
      if (entry.value.use_count() > 1) {
        --place;
        continue;
      }
      ++stats_.evictions;
      stats_.bytes -= entry.bytes;
      dropped->push_back(std::move(entry.value));
      place = order_.erase(entry.place);
      entries_.erase(found);
    }
  }

  const int64_t max_bytes_;
  mutable absl::Mutex mutex_;
  // Its nodes stay where they are, so that order_ may point to their keys.
  std::unordered_map<Key, Entry, absl::Hash<Key>> entries_
      ABSL_GUARDED_BY(mutex_);
  std::list<const Key*> order_ ABSL_GUARDED_BY(mutex_);  // the last used first
  CacheStats stats_ ABSL_GUARDED_BY(mutex_);             // but for entries
};

}  // namespace ella
