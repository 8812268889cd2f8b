#include "server/identity/token_bucket.h"

#include "gtest/gtest.h"

namespace ella {
namespace {

TEST(TokenBucketTest, AMinutesWorthAtOnceThenEvenly) {
  TokenBucket bucket(60);
  absl::Time now = absl::FromUnixSeconds(1000);
  for (int i = 0; i < 60; ++i) {
    EXPECT_EQ(bucket.Take(now), absl::ZeroDuration());
  }
  EXPECT_EQ(bucket.Take(now), absl::Seconds(1));
  EXPECT_EQ(bucket.Take(now + absl::Milliseconds(400)),
            absl::Milliseconds(600));
  EXPECT_EQ(bucket.Take(now + absl::Seconds(1)), absl::ZeroDuration());
  EXPECT_EQ(bucket.Take(now + absl::Seconds(1)), absl::Seconds(1));
  now += absl::Hours(1);
  for (int i = 0; i < 60; ++i) {
    EXPECT_EQ(bucket.Take(now), absl::ZeroDuration());
  }
  EXPECT_GT(bucket.Take(now), absl::ZeroDuration());
}

TEST(TokenBucketTest, OneAMinute) {
  TokenBucket bucket(1);
  const absl::Time now = absl::FromUnixSeconds(1000);
  EXPECT_EQ(bucket.Take(now), absl::ZeroDuration());
  EXPECT_EQ(bucket.Take(now), absl::Minutes(1));
  EXPECT_EQ(bucket.Take(now + absl::Minutes(1)), absl::ZeroDuration());
}

TEST(TokenBucketTest, AClockThatStepsBackTakesNothingAway) {
  TokenBucket bucket(2);
  const absl::Time now = absl::FromUnixSeconds(1000);
  EXPECT_EQ(bucket.Take(now), absl::ZeroDuration());
  EXPECT_EQ(bucket.Take(now - absl::Seconds(10)), absl::Seconds(10));
}

}  // namespace
}  // namespace ella
