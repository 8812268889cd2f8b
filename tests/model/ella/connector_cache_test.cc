#include "model/ella/connector_cache.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/golden/golden_file.h"
#include "tests/golden/golden_sets.h"
#include "tests/golden/value_or_throw.h"

namespace ella {
namespace {

constexpr int64_t kPlenty = 1 << 30;

class ConnectorCacheTest
    : public testing::TestWithParam<std::tuple<GoldenSet, at::ScalarType>> {
 protected:
  ConnectorCacheTest() {
    const std::string folder = set().model + "/ella/";
    const Checkpoint checkpoint = ValueOrThrow(
        Checkpoint::OpenFile(folder + "ella-sd1.5-tsc-t5xl.safetensors"));
    const ConnectorConfig config =
        ValueOrThrow(ConnectorConfig::Load(checkpoint, folder + "config.json"));
    ParameterLoader loader("connector", checkpoint,
                           LoadOptions{at::kCPU, dtype()});
    connector_ = std::make_unique<SemanticConnector>(loader.root(), config);
    EXPECT_TRUE(loader.Finish().ok());
    at::manual_seed(3);
    text_ = at::randn({1, 9, config.text_width}).to(dtype());
  }

  const GoldenSet& set() const { return std::get<0>(GetParam()); }
  at::ScalarType dtype() const { return std::get<1>(GetParam()); }

  void ExpectAlone(const at::Tensor& output, float timestep) const {
    EXPECT_TRUE(
        at::equal(output, connector_->forward(text_, at::tensor({timestep}))))
        << timestep;
  }

  std::unique_ptr<SemanticConnector> connector_;
  at::Tensor text_;
};

INSTANTIATE_TEST_SUITE_P(
    Golden, ConnectorCacheTest,
    testing::Combine(testing::ValuesIn(GoldenSets()),
                     testing::Values(at::kFloat, at::kBFloat16)),
    [](const auto& info) {
      return std::get<0>(info.param).name +
             (std::get<1>(info.param) == at::kFloat ? "Float32" : "Bfloat16");
    });

TEST_P(ConnectorCacheTest, ManyTimestepsGiveTheBytesOfEachAlone) {
  for (const int64_t tokens : {1, 3, 17, 60, 128}) {
    SCOPED_TRACE(tokens);
    text_ = at::randn({1, tokens, text_.size(2)}).to(dtype());
    const at::Tensor timesteps =
        at::tensor({999.f, 500.25f, 0.f, 1.f, 37.f, 981.5f, 2.f, 3.f});
    for (const int64_t begin : {0, 3, 5, 6}) {
      const auto outputs =
          connector_->ForwardEach(text_, timesteps.slice(0, begin));
      ASSERT_EQ(static_cast<int64_t>(outputs.size()), 8 - begin);
      for (size_t i = 0; i < outputs.size(); ++i) {
        ExpectAlone(outputs[i], timesteps[begin + i].item<float>());
      }
    }
  }
}

TEST_P(ConnectorCacheTest, GivesTheSameBytesHoweverTheyCome) {
  ConnectorCache cache(connector_.get(), kPlenty);
  const std::vector<float> schedule = {999, 750.5, 500, 250, 20};
  ConnectorCache::Ahead ahead;
  for (size_t i = 0; i < schedule.size(); ++i) {
    const auto output =
        cache.Get(7, text_, absl::MakeConstSpan(schedule).subspan(i), &ahead);
    EXPECT_FALSE(output.hit);
    ExpectAlone(output.features, schedule[i]);
  }
  ConnectorCache::Ahead other;
  const auto found = cache.Get(7, text_, {500.f, 10.f}, &other);
  EXPECT_TRUE(found.hit);
  ExpectAlone(found.features, 500);
  EXPECT_EQ(cache.stats().hits, 1);
  EXPECT_EQ(cache.stats().misses, 5);
  EXPECT_GT(cache.seconds(), 0);
}

TEST_P(ConnectorCacheTest, ComputesTheNextEightThatAreMissing) {
  ConnectorCache cache(connector_.get(), kPlenty);
  ConnectorCache::Ahead first, second;
  cache.Get(7, text_, {3.f, 5.f}, &first);
  EXPECT_EQ(cache.stats().misses, 2);
  std::vector<float> schedule;
  for (int i = 0; i < 20; ++i) schedule.push_back(static_cast<float>(i));
  cache.Get(7, text_, schedule, &second);
  EXPECT_EQ(cache.stats().misses, 2 + 8);
  EXPECT_EQ(cache.stats().entries, 2 + 8);
  const std::vector<float> expected = {0, 1, 2, 4, 6, 7, 8, 9};
  ASSERT_EQ(second.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(second[i].first, expected[i]);
  }
}

TEST_P(ConnectorCacheTest, TellsEncodingsAndNearTimestepsApart) {
  ConnectorCache cache(connector_.get(), kPlenty);
  ConnectorCache::Ahead a, b, c;
  cache.Get(7, text_, {500.f}, &a);
  EXPECT_FALSE(cache.Get(8, text_, {500.f}, &b).hit);
  EXPECT_FALSE(cache.Get(7, text_, {std::nextafter(500.f, 501.f)}, &c).hit);
  EXPECT_EQ(cache.stats().misses, 3);
}

// pndm runs two steps at the same timestep.
TEST_P(ConnectorCacheTest, ARowKeepsWhatItNeedsThoughTheCacheKeepsNothing) {
  ConnectorCache cache(connector_.get(), 0);
  const std::vector<float> schedule = {900, 700, 700, 500};
  ConnectorCache::Ahead ahead;
  for (size_t i = 0; i < schedule.size(); ++i) {
    ExpectAlone(
        cache.Get(7, text_, absl::MakeConstSpan(schedule).subspan(i), &ahead)
            .features,
        schedule[i]);
  }
  EXPECT_EQ(cache.stats().misses, 3);
  EXPECT_EQ(ahead.size(), 1u);
  ahead.clear();
  EXPECT_FALSE(cache.Get(7, text_, {500.f}, &ahead).hit);
  EXPECT_EQ(cache.stats().entries, 1);
}

}  // namespace
}  // namespace ella
