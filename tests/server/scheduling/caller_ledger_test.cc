#include "server/scheduling/caller_ledger.h"

#include "gtest/gtest.h"

namespace ella {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1000);

Task Make(const std::string& caller, int priority = 0) {
  Task task;
  task.caller = caller;
  task.priority = priority;
  return task;
}

TEST(CallerLedgerTest, ChargesTheCaller) {
  CallerLedger ledger;
  const Task a = Make("a"), other = Make("a"), b = Make("b");
  for (const Task* task : {&a, &other, &b}) ledger.Enter(*task, kStart);
  ledger.Charge(a, 3);
  EXPECT_EQ(ledger.StandingOf(other, kStart).caller_service, 3);
  EXPECT_EQ(ledger.StandingOf(b, kStart).caller_service, 0);
  EXPECT_NE(ledger.StandingOf(a, kStart).caller,
            ledger.StandingOf(b, kStart).caller);
}

TEST(CallerLedgerTest, ANewCallerStartsLevelWithTheLeastServed) {
  CallerLedger ledger;
  const Task a = Make("a"), b = Make("b"), c = Make("c");
  ledger.Enter(a, kStart);
  ledger.Charge(a, 8);
  ledger.Enter(b, kStart);
  EXPECT_EQ(ledger.StandingOf(b, kStart).caller_service, 8);
  ledger.Charge(b, 2);
  ledger.Enter(c, kStart);
  EXPECT_EQ(ledger.StandingOf(c, kStart).caller_service, 8);
  // Time away gives no credit, and no debt.
  ledger.Leave(b);
  ledger.Enter(b, kStart);
  EXPECT_EQ(ledger.StandingOf(b, kStart).caller_service, 8);
}

TEST(CallerLedgerTest, WaitingRaisesTheClass) {
  CallerLedger ledger;
  const Task low = Make("a", -1);
  ledger.Enter(low, kStart);
  EXPECT_EQ(ledger.StandingOf(low, kStart).service_class, -1);
  EXPECT_EQ(ledger.StandingOf(low, kStart + absl::Seconds(61)).service_class,
            1);
}

TEST(CallerLedgerTest, ACallerWhoIsServedDoesNotRise) {
  CallerLedger ledger;
  const Task first = Make("a"), second = Make("a");
  ledger.Enter(first, kStart);
  ledger.Enter(second, kStart);
  const absl::Time later = kStart + absl::Seconds(70);
  EXPECT_EQ(ledger.StandingOf(second, later).service_class, 2);
  ledger.Complete(first, later);
  EXPECT_EQ(ledger.StandingOf(second, later).service_class, 0);
}

TEST(CallerLedgerTest, ARequestThatEndsUnservedLeavesTheWaitAsItWas) {
  CallerLedger ledger;
  const Task first = Make("a"), second = Make("a");
  ledger.Enter(first, kStart);
  ledger.Enter(second, kStart + absl::Seconds(70));
  ledger.Leave(second);
  EXPECT_EQ(ledger.StandingOf(first, kStart + absl::Seconds(70)).service_class,
            2);
}

TEST(CallerLedgerTest, PrioritiesAreBounded) {
  CallerLedger ledger;
  const Task wild = Make("a", 2000000000), mild = Make("a", -2000000000);
  ledger.Enter(wild, kStart);
  ledger.Enter(mild, kStart);
  EXPECT_EQ(ledger.StandingOf(wild, kStart).service_class, 10);
  EXPECT_EQ(ledger.StandingOf(mild, kStart + absl::Minutes(11)).service_class,
            12);
}

}  // namespace
}  // namespace ella
