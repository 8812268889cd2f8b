#include "server/rpc/active_requests.h"

#include "gtest/gtest.h"
#include "server/rpc/caller_identity.h"

namespace ella {
namespace {

class ActiveRequestsTest : public ::testing::Test {
 protected:
  ActiveRequests active_;
  std::shared_ptr<std::atomic<bool>> cancelled_ =
      std::make_shared<std::atomic<bool>>(false);
};

TEST_F(ActiveRequestsTest, AnIdIsTakenUntilItsWorkHasStopped) {
  EXPECT_TRUE(active_.Add("a", "me", cancelled_).ok());
  EXPECT_EQ(active_.Add("a", "you", cancelled_).code(),
            absl::StatusCode::kAlreadyExists);
  active_.Remove("a");
  EXPECT_TRUE(active_.Add("a", "you", cancelled_).ok());
}

TEST_F(ActiveRequestsTest, ACancelIsAnsweredWhenTheWorkHasStopped) {
  ASSERT_TRUE(active_.Add("a", "me", cancelled_).ok());
  int answered = 0;
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(active_.Cancel("a", "me", [&] { ++answered; }).ok());
  }
  EXPECT_TRUE(*cancelled_);
  EXPECT_EQ(answered, 0);
  active_.Remove("a");
  EXPECT_EQ(answered, 2);
}

TEST_F(ActiveRequestsTest, OnlyTheCallerMayCancel) {
  ASSERT_TRUE(active_.Add("a", "me", cancelled_).ok());
  auto fail = [] { ADD_FAILURE(); };
  EXPECT_EQ(active_.Cancel("a", "you", fail).code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(active_.Cancel("b", "me", fail).code(),
            absl::StatusCode::kNotFound);
  EXPECT_FALSE(*cancelled_);
  active_.Remove("a");
  EXPECT_EQ(active_.Cancel("a", "me", fail).code(),
            absl::StatusCode::kNotFound);
}

TEST(CallerIdentityTest, HasNoPort) {
  EXPECT_EQ(WithoutPort("ipv4:127.0.0.1:5000"), "ipv4:127.0.0.1");
  EXPECT_EQ(WithoutPort("ipv6:%5B::1%5D:5000"), "ipv6:%5B::1%5D");
  EXPECT_EQ(WithoutPort("unix:/tmp/a:1"), "unix:/tmp/a:1");
}

}  // namespace
}  // namespace ella
