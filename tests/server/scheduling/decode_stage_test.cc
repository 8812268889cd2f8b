#include "server/scheduling/decode_stage.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_engine.h"

namespace ella {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A slice of the fake takes a tenth of a second.
constexpr absl::Duration kSlice = absl::Milliseconds(100);

class DecodeStageTest : public ::testing::Test {
 protected:
  DecodeStageTest() { engine_.SetDecodeSlices(3); }

  std::unique_ptr<Decoding> Decode(uint32_t seed) {
    RowParams params;
    params.width = params.height = 16;
    params.seed = seed;
    std::unique_ptr<Row> row = *engine_.Start(params);
    Row* const rows[] = {row.get()};
    return *engine_.StartDecode(rows);
  }

  FakeClock clock_;
  FakeEngine engine_{&clock_};
  DecodeStage stage_{&clock_};
};

TEST_F(DecodeStageTest, RunsOneSliceAtLeastAndStopsAtTheBudget) {
  stage_.AddImages(Decode(7), {{1, 0}});
  EXPECT_THAT(stage_.Run(absl::ZeroDuration()), IsEmpty());
  EXPECT_THAT(engine_.history(), SizeIs(1));
  const std::vector<DecodeStage::Finished> finished =
      stage_.Run(absl::Hours(1));
  EXPECT_THAT(engine_.history(), SizeIs(3));
  ASSERT_THAT(finished, SizeIs(1));
  EXPECT_EQ(finished[0].pictures[0].request, 1);
  EXPECT_EQ(finished[0].images[0]->pixels[0], 7);
  EXPECT_EQ(finished[0].time, 3 * kSlice);
  EXPECT_TRUE(stage_.idle());
}

TEST_F(DecodeStageTest, ImagesGoBeforePreviews) {
  EXPECT_TRUE(stage_.AddPreview(Decode(1), {1, 0}, 4));
  stage_.AddImages(Decode(2), {{2, 0}});
  stage_.AddImages(Decode(3), {{3, 0}});
  stage_.Run(8 * kSlice);
  EXPECT_THAT(engine_.history(),
              ElementsAre("slice 2", "slice 2", "slice 2", "slice 3", "slice 3",
                          "slice 3", "slice 1", "slice 1"));
}

TEST_F(DecodeStageTest, APreviewWaitsForTheOneBefore) {
  EXPECT_TRUE(stage_.AddPreview(Decode(1), {1, 0}, 4));
  EXPECT_FALSE(stage_.AddPreview(Decode(1), {1, 0}, 8));
  EXPECT_TRUE(stage_.AddPreview(Decode(2), {1, 1}, 8));
}

TEST_F(DecodeStageTest, WhatNobodyWantsIsNotDecoded) {
  stage_.AddImages(Decode(1), {{1, 0}});
  stage_.AddImages(Decode(2), {{1, 1}, {2, 0}});
  stage_.Drop(1);
  stage_.Run(absl::Hours(1));
  EXPECT_THAT(engine_.history(), ElementsAre("slice 2", "slice 2", "slice 2"));
  stage_.AddImages(Decode(3), {{3, 0}});
  stage_.Drop(3);
  EXPECT_TRUE(stage_.idle());
}

}  // namespace
}  // namespace ella
