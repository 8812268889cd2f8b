#include "server/scheduling/batch_policy.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_engine.h"

namespace ella {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kStart = absl::FromUnixSeconds(1000);

// An unguided image of four steps that came `age` seconds after the start.
Candidate Make(uint64_t age, std::vector<int> steps_left = {4}) {
  Candidate candidate;
  candidate.standing.age = age;
  candidate.standing.work = 1;
  candidate.key = {"m", 2, 2};
  candidate.enqueued_at = kStart + absl::Seconds(age);
  candidate.steps_left = std::move(steps_left);
  return candidate;
}

Candidate Joined(Candidate candidate) {
  candidate.joined = true;
  return candidate;
}

Candidate Urgent(Candidate candidate) {
  candidate.standing.service_class = 1;
  return candidate;
}

Candidate Large(Candidate candidate) {
  candidate.key.latent_width = 4;
  return candidate;
}

Candidate Guided(Candidate candidate) {
  candidate.unet_rows_per_image = 2;
  return candidate;
}

BatchDecision Decide(const std::vector<Candidate>& candidates, int limit,
                     Batching batching = Batching::kStep,
                     absl::Duration now = absl::Hours(1)) {
  BatchOptions options;
  options.batching = batching;
  options.request_window = absl::Seconds(10);
  return DecideBatch(
      options, candidates,
      [limit](const Engine*, const BatchKey&) { return limit; }, kStart + now);
}

TEST(BatchPolicyTest, AnotherEngineOfTheSameNameSharesNoStep) {
  const FakeEngine before, after;
  Candidate first = Make(1), second = Make(2), third = Make(3);
  first.engine = &before;
  second.engine = &after;
  third.engine = &before;
  EXPECT_THAT(Decide({first, second, third}, 4).step,
              ElementsAre(RowChoice{0, 0}, RowChoice{2, 0}));
}

TEST(BatchPolicyTest, NothingToDo) {
  const BatchDecision decision = Decide({}, 4);
  EXPECT_THAT(decision.step, IsEmpty());
  EXPECT_EQ(decision.wake_at, absl::InfiniteFuture());
  EXPECT_THAT(Decide({Joined(Make(1, {0, 0}))}, 4).step, IsEmpty());
}

TEST(BatchPolicyTest, WaitingOnesJoinThoseThatRun) {
  const BatchDecision decision = Decide({Joined(Make(1)), Make(2), Make(3)}, 4);
  EXPECT_THAT(decision.join, ElementsAre(1, 2));
  EXPECT_THAT(decision.step,
              ElementsAre(RowChoice{0, 0}, RowChoice{1, 0}, RowChoice{2, 0}));
}

TEST(BatchPolicyTest, TheLimitCountsUnetRows) {
  const BatchDecision decision =
      Decide({Guided(Make(1)), Guided(Make(2)), Make(3), Make(4)}, 5);
  EXPECT_THAT(decision.join, ElementsAre(0, 1, 2));
}

TEST(BatchPolicyTest, WhatDoesNotFitIsPassedByWhatDoes) {
  EXPECT_THAT(Decide({Guided(Make(1)), Guided(Make(2)), Make(3)}, 3).join,
              ElementsAre(0, 2));
}

TEST(BatchPolicyTest, OneImageIsSteppedEvenOverTheLimit) {
  EXPECT_THAT(Decide({Guided(Make(1, {3, 3}))}, 1).step,
              ElementsAre(RowChoice{0, 0}));
}

TEST(BatchPolicyTest, OfOneRequestThoseBehindGoFirst) {
  EXPECT_THAT(Decide({Joined(Make(1, {2, 3, 0, 3}))}, 2).step,
              ElementsAre(RowChoice{0, 1}, RowChoice{0, 3}));
}

TEST(BatchPolicyTest, TheFirstInTheOrderOfServiceDecidesTheSize) {
  const std::vector<Candidate> mixed = {Joined(Large(Make(1))), Make(2),
                                        Large(Make(3)), Make(4)};
  EXPECT_THAT(Decide(mixed, 4).step,
              ElementsAre(RowChoice{0, 0}, RowChoice{2, 0}));
}

TEST(BatchPolicyTest, AnUrgentOneParksWhatRuns) {
  const BatchDecision decision =
      Decide({Joined(Make(1)), Joined(Make(2)), Urgent(Make(3))}, 2);
  EXPECT_THAT(decision.join, ElementsAre(2));
  EXPECT_THAT(decision.step, ElementsAre(RowChoice{2, 0}, RowChoice{0, 0}));
  // Of another size: all that runs is parked.
  EXPECT_THAT(
      Decide({Joined(Make(1)), Joined(Make(2)), Urgent(Large(Make(3)))}, 2)
          .step,
      ElementsAre(RowChoice{2, 0}));
}

TEST(BatchPolicyTest, OffRunsOneRequestAtATime) {
  EXPECT_THAT(Decide({Make(1), Make(2)}, 4, Batching::kOff).join,
              ElementsAre(0));
  const BatchDecision running =
      Decide({Joined(Make(2, {2, 2})), Urgent(Make(3))}, 4, Batching::kOff);
  EXPECT_THAT(running.join, IsEmpty());
  EXPECT_THAT(running.step, ElementsAre(RowChoice{0, 0}, RowChoice{0, 1}));
}

TEST(BatchPolicyTest, RequestBatchesWaitForOthersUntilTheWindowEnds) {
  const std::vector<Candidate> two = {Make(1), Make(2)};
  const BatchDecision early =
      Decide(two, 4, Batching::kRequest, absl::Seconds(3));
  EXPECT_THAT(early.join, IsEmpty());
  EXPECT_EQ(early.wake_at, kStart + absl::Seconds(11));
  EXPECT_THAT(Decide(two, 4, Batching::kRequest, absl::Seconds(11)).join,
              ElementsAre(0, 1));
  // A full batch doesn't wait.
  EXPECT_THAT(Decide(two, 2, Batching::kRequest, absl::Seconds(3)).join,
              ElementsAre(0, 1));
}

TEST(BatchPolicyTest, NobodyJoinsARunningRequestBatch) {
  const BatchDecision decision =
      Decide({Joined(Make(1, {1})), Joined(Make(2, {0})), Urgent(Make(3))}, 4,
             Batching::kRequest);
  EXPECT_THAT(decision.join, IsEmpty());
  EXPECT_THAT(decision.step, ElementsAre(RowChoice{0, 0}));
  // What is denoised has left it.
  EXPECT_THAT(
      Decide({Joined(Make(2, {0})), Make(3)}, 4, Batching::kRequest).join,
      ElementsAre(1));
}

}  // namespace
}  // namespace ella
