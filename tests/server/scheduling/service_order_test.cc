#include "server/scheduling/service_order.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace ella {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Standing Make(uint64_t age, int caller = 0, double service = 0) {
  Standing standing;
  standing.age = age;
  standing.caller = caller;
  standing.caller_service = service;
  standing.work = 1;
  return standing;
}

Standing Urgent(Standing standing, int service_class) {
  standing.service_class = service_class;
  return standing;
}

Standing Due(Standing standing, int seconds) {
  standing.deadline = absl::FromUnixSeconds(seconds);
  return standing;
}

TEST(ServiceOrderTest, NothingHasNoOrder) {
  EXPECT_THAT(ServiceOrder({}), IsEmpty());
}

TEST(ServiceOrderTest, TheLargerClassGoesFirst) {
  EXPECT_THAT(ServiceOrder({Make(1), Urgent(Make(2), 1), Urgent(Make(3), -1)}),
              ElementsAre(1, 0, 2));
}

TEST(ServiceOrderTest, OfOneCallerTheEarlierDeadlineThenTheOlder) {
  EXPECT_THAT(ServiceOrder({Make(2), Make(1), Due(Make(4), 9), Due(Make(3), 9),
                            Due(Make(5), 8)}),
              ElementsAre(4, 3, 2, 1, 0));
}

TEST(ServiceOrderTest, TheCallerWhoHadLessGoesFirstUntilLevel) {
  // The first caller has had two requests' worth more.
  EXPECT_THAT(ServiceOrder({Make(1, 0, 2), Make(2, 0, 2), Make(3, 1, 0),
                            Make(4, 1, 0), Make(5, 1, 0), Make(6, 1, 0)}),
              ElementsAre(2, 3, 0, 4, 1, 5));
}

TEST(ServiceOrderTest, ADeadlineDoesNotOvertakeAnotherCaller) {
  EXPECT_THAT(ServiceOrder({Due(Make(1, 0, 5), 1), Make(2, 1, 0)}),
              ElementsAre(1, 0));
}

TEST(ServiceOrderTest, WorkInAHigherClassCounts) {
  EXPECT_THAT(ServiceOrder({Urgent(Make(1, 0), 1), Make(2, 0), Make(3, 1)}),
              ElementsAre(0, 2, 1));
}

}  // namespace
}  // namespace ella
