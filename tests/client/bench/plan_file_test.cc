#include "client/bench/plan_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace ella {
namespace {

using ::testing::HasSubstr;

absl::StatusOr<std::vector<LoadRequest>> Read(const std::string& text) {
  std::istringstream input(text);
  return ReadPlan(input);
}

LoadRequest Full() {
  LoadRequest planned;
  planned.at_s = 0.125;
  v1::GenerateRequest& request = planned.request;
  request.set_prompt("a \"fox\"\nat dawn, \u00e9");
  request.set_seed(4294967295u);
  request.set_steps(7);
  request.set_guidance_scale(7.5);
  request.set_width(64);
  request.set_height(128);
  request.set_sampler("ddim");
  request.set_conditioning(v1::CONDITIONING_ELLA_FIXED);
  request.set_num_images(2);
  planned.cancel_by = CancelBy::kRpc;
  planned.cancel_at = 0.25;
  return planned;
}

TEST(PlanFileTest, WritesWhatOthersCanSend) {
  EXPECT_EQ(PlanLine(Full()),
            "{\"at\":0.125,\"prompt\":\"a \\\"fox\\\"\\nat dawn, \u00e9\","
            "\"seed\":4294967295,\"steps\":7,\"guidance\":7.5,\"width\":64,"
            "\"height\":128,\"sampler\":\"ddim\",\"conditioning\":"
            "\"ella-fixed\",\"images\":2,\"cancel\":{\"by\":\"rpc\",\"at\":"
            "0.25}}\n");
}

TEST(PlanFileTest, ReadsWhatItWrote) {
  LoadRequest second;
  second.at_s = 1.0 / 3;
  second.request.set_prompt("b");
  second.request.set_seed(0);
  second.deaf = true;
  const auto plan = Read(PlanLine(Full()) + "\n" + PlanLine(second));
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_EQ(plan->size(), 2u);
  EXPECT_EQ((*plan)[0].at_s, 0.125);
  EXPECT_EQ((*plan)[0].request.SerializeAsString(),
            Full().request.SerializeAsString());
  EXPECT_EQ((*plan)[0].cancel_by, CancelBy::kRpc);
  EXPECT_EQ((*plan)[0].cancel_at, 0.25);
  EXPECT_FALSE((*plan)[0].deaf);
  EXPECT_EQ((*plan)[1].at_s, 1.0 / 3);
  EXPECT_EQ((*plan)[1].request.SerializeAsString(),
            second.request.SerializeAsString());
  EXPECT_EQ((*plan)[1].cancel_by, CancelBy::kNothing);
  EXPECT_TRUE((*plan)[1].deaf);
}

TEST(PlanFileTest, NamesTheBadLine) {
  const std::string good = R"({"at":1,"prompt":"a","seed":1})"
                           "\n";
  ASSERT_TRUE(Read(good).ok());
  for (const std::string bad :
       {R"({"at":2,"prompt":"a"})", R"({"at":"2","prompt":"a","seed":1})",
        R"({"at":0.5,"prompt":"a","seed":1})", "[]", "at 1 a fox", "{",
        R"({"at":2,"prompt":"a","seed":1,"step":3})",
        R"({"at":2,"prompt":"a","seed":1,"conditioning":"t5"})",
        R"({"at":2,"prompt":"a","seed":1,"cancel":{"by":"kill","at":1}})"}) {
    const auto plan = Read(good + bad);
    ASSERT_FALSE(plan.ok()) << bad;
    EXPECT_THAT(std::string(plan.status().message()), HasSubstr("line 2: "));
  }
}

}  // namespace
}  // namespace ella
