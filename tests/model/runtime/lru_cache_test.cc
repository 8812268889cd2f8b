#include "model/runtime/lru_cache.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace ella {
namespace {

using Value = std::shared_ptr<const int>;

class LruCacheTest : public testing::Test {
 protected:
  explicit LruCacheTest(int64_t max_bytes = 100) : cache_(max_bytes) {}

  void Insert(const std::string& key, int value, int64_t bytes = 10) {
    cache_.Insert(key, std::make_shared<const int>(value), bytes);
  }
  Value Use(const std::string& key) {
    return cache_.Find(key).value_or(nullptr);
  }
  // -1 where there is none.
  int Find(const std::string& key) {
    const Value value = Use(key);
    return value == nullptr ? -1 : *value;
  }

  LruCache<std::string, Value> cache_;
};

TEST_F(LruCacheTest, FindsWhatWasInserted) {
  EXPECT_EQ(Find("a"), -1);
  Insert("a", 1);
  Insert("b", 2);
  EXPECT_EQ(Find("a"), 1);
  EXPECT_EQ(Find("b"), 2);
  EXPECT_TRUE(cache_.Contains("a"));
  EXPECT_FALSE(cache_.Contains("c"));
}

TEST_F(LruCacheTest, TheEarlierValueOfAKeyStays) {
  Insert("a", 1);
  Insert("a", 2);
  EXPECT_EQ(Find("a"), 1);
  EXPECT_EQ(cache_.stats().bytes, 10);
}

TEST_F(LruCacheTest, CountsWhatHappened) {
  EXPECT_EQ(Find("a"), -1);
  Insert("a", 1, 60);
  Insert("b", 2, 30);
  EXPECT_EQ(Find("a"), 1);
  EXPECT_TRUE(cache_.Contains("b"));
  CacheStats stats = cache_.stats();
  EXPECT_EQ(stats.hits, 1);
  EXPECT_EQ(stats.misses, 2);
  EXPECT_EQ(stats.evictions, 0);
  EXPECT_EQ(stats.entries, 2);
  EXPECT_EQ(stats.bytes, 90);
  Insert("c", 3, 25);
  stats = cache_.stats();
  EXPECT_EQ(stats.evictions, 1);
  EXPECT_EQ(stats.entries, 2);
  EXPECT_EQ(stats.bytes, 85);
}

TEST_F(LruCacheTest, ForgetsTheLeastRecentlyUsedFirst) {
  Insert("a", 1, 40);
  Insert("b", 2, 40);
  EXPECT_EQ(Find("a"), 1);
  Insert("c", 3, 40);
  EXPECT_EQ(Find("b"), -1);
  EXPECT_EQ(Find("a"), 1);
  EXPECT_EQ(Find("c"), 3);
  Insert("d", 4, 100);
  EXPECT_EQ(Find("a"), -1);
  EXPECT_EQ(Find("c"), -1);
  EXPECT_EQ(Find("d"), 4);
}

TEST_F(LruCacheTest, ContainsIsNoUse) {
  Insert("a", 1, 40);
  Insert("b", 2, 40);
  EXPECT_TRUE(cache_.Contains("a"));
  Insert("c", 3, 40);
  EXPECT_EQ(Find("a"), -1);
}

TEST_F(LruCacheTest, WhatIsInUseStays) {
  Insert("a", 1, 60);
  Value used = Use("a");
  Insert("b", 2, 60);
  Insert("c", 3, 30);
  EXPECT_EQ(Find("b"), -1);
  EXPECT_EQ(Find("a"), 1);
  EXPECT_EQ(Find("c"), 3);
  Insert("d", 4, 60);
  EXPECT_EQ(Find("c"), -1);
  EXPECT_EQ(cache_.stats().bytes, 60);
  used = nullptr;
  Insert("e", 5, 60);
  EXPECT_EQ(Find("a"), -1);
  EXPECT_EQ(Find("e"), 5);
}

TEST_F(LruCacheTest, WhatIsTooLargeIsNotKept) {
  Insert("a", 1, 50);
  Insert("b", 2, 101);
  EXPECT_EQ(Find("b"), -1);
  EXPECT_EQ(cache_.stats().bytes, 0);
}

class NoCacheTest : public LruCacheTest {
 protected:
  NoCacheTest() : LruCacheTest(0) {}
};

TEST_F(NoCacheTest, KeepsWhatIsInUseAndNoLonger) {
  Value used = std::make_shared<const int>(1);
  cache_.Insert("a", used, 10);
  EXPECT_EQ(Use("a"), used);
  used = nullptr;
  EXPECT_EQ(Find("a"), -1);
  EXPECT_EQ(cache_.stats().entries, 0);
  Insert("b", 2);
  EXPECT_EQ(Find("b"), -1);
}

// Meant for the thread sanitizer, too.
TEST_F(LruCacheTest, ManyThreadsMayUseIt) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this] {
      for (int i = 0; i < 1000; ++i) {
        const std::string key = std::to_string(i % 17);
        const int found = Find(key);
        EXPECT_TRUE(found == -1 || found == i % 17);
        if (found == -1) Insert(key, i % 17, 9);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Find("none"), -1);
  const CacheStats stats = cache_.stats();
  EXPECT_EQ(stats.hits + stats.misses, 4000);
  EXPECT_LE(stats.bytes, 100);
  EXPECT_EQ(stats.bytes, 9 * stats.entries);
}

}  // namespace
}  // namespace ella
