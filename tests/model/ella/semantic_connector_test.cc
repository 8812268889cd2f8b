#include "model/ella/semantic_connector.h"

#include <gtest/gtest.h>

#include "absl/strings/numbers.h"
#include "tests/golden/golden_file.h"
#include "tests/golden/golden_networks.h"
#include "tests/golden/golden_sets.h"

namespace ella {
namespace {

constexpr double kTolerance = 5e-5;  // of the rms

class SemanticConnectorTest : public testing::TestWithParam<GoldenSet> {
 protected:
  SemanticConnectorTest()
      : folder_(GetParam().model + "/ella/"),
        checkpoint_(ValueOrThrow(
            Checkpoint::OpenFile(folder_ + "ella-sd1.5-tsc-t5xl.safetensors"))),
        golden_(GetParam().Expected("tsc.safetensors")) {}

  ConnectorConfig Config() const {
    return ValueOrThrow(
        ConnectorConfig::Load(checkpoint_, folder_ + "config.json"));
  }

  const std::string folder_;
  const Checkpoint checkpoint_;
  const GoldenFile golden_;
};

INSTANTIATE_TEST_SUITE_P(Golden, SemanticConnectorTest,
                         testing::ValuesIn(GoldenSets()),
                         [](const auto& info) { return info.param.name; });

// Names such as flex.3.t500.out beside flex.3.features.
TEST_P(SemanticConnectorTest, MatchesTheReferenceAtOneTimestep) {
  const auto connector = LoadGolden<SemanticConnector>(checkpoint_, Config());
  int compared = 0;
  for (const std::string& name : golden_.Names()) {
    const size_t at = name.rfind(".t");
    int timestep = 0;
    if (at == std::string::npos || !name.ends_with(".out") ||
        !absl::SimpleAtoi(name.substr(at + 2, name.size() - at - 6),
                          &timestep) ||
        !golden_.Has(name.substr(0, at) + ".features")) {
      continue;
    }
    SCOPED_TRACE(name);
    const at::Tensor features = golden_.Get(name.substr(0, at) + ".features");
    const at::Tensor timesteps =
        at::full({features.size(0)}, timestep, at::kFloat);
    ExpectClose(connector->forward(features, timesteps), golden_.Get(name),
                kTolerance);
    ++compared;
  }
  EXPECT_GE(compared, 12);
}

TEST_P(SemanticConnectorTest, TakesOneTimestepARowAndFractionalOnes) {
  const auto connector = LoadGolden<SemanticConnector>(checkpoint_, Config());
  for (const std::string stem : {"batch4", "floatt"}) {
    if (!golden_.Has(stem + ".timesteps")) continue;
    SCOPED_TRACE(stem);
    ExpectClose(
        connector->forward(golden_.Get(stem + ".features"),
                           golden_.Get(stem + ".timesteps").to(at::kFloat)),
        golden_.Get(stem + ".out"), kTolerance);
  }
}

TEST_P(SemanticConnectorTest, MaskedTokensAreAsIfTheyWereNotThere) {
  const auto connector = LoadGolden<SemanticConnector>(checkpoint_, Config());
  at::manual_seed(3);
  const at::Tensor text = at::randn({1, 7, Config().text_width});
  const at::Tensor timesteps = at::full({1}, 500, at::kFloat);
  const int64_t length = text.size(1);
  const at::Tensor padded =
      at::cat({text, at::full({1, 5, text.size(2)}, 3.0)}, /*dim=*/1);
  const at::Tensor mask =
      at::cat({at::ones({1, length}), at::zeros({1, 5})}, /*dim=*/1);
  ExpectClose(connector->forward(padded, timesteps, mask),
              connector->forward(text, timesteps), kTolerance);
}

TEST_P(SemanticConnectorTest, TimeEmbeddingMatchesTheReference) {
  const ConnectorConfig config = Config();
  ParameterLoader loader("connector", checkpoint_, LoadOptions{});
  const TimestepEmbedding embedding(loader.root()["time_embedding"],
                                    config.time_channels, config.time_width);
  const at::Tensor timesteps = golden_.Get("time.timesteps").to(at::kFloat);
  // Half a unit of the angle's last place, near timestep 999.
  ExpectClose(TimestepSinusoid(timesteps, config.time_channels),
              golden_.Get("time.position"), 2e-4);
  ExpectClose(embedding.forward(timesteps, at::kFloat),
              golden_.Get("time.embedding"), kTolerance);
}

TEST_P(SemanticConnectorTest, RefusesAConfigThatContradictsTheWeights) {
  Checkpoint clip = ValueOrThrow(
      Checkpoint::OpenFolder(GetParam().model + "/sd15/text_encoder", "model"));
  const auto config = ConnectorConfig::Load(clip, "");
  EXPECT_EQ(config.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(config.status().message().find("not an ELLA connector"),
            std::string::npos);

  ConnectorConfig wrong = Config();
  wrong.num_layers += 1;
  wrong.width += 8;
  ParameterLoader loader("connector", checkpoint_, LoadOptions{});
  const SemanticConnector connector(loader.root(), wrong);
  const absl::Status status = loader.Finish();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(status.message().find("time_aware_linear.weight has shape"),
            std::string::npos)
      << status;
}

}  // namespace
}  // namespace ella
