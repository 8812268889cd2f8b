#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "model/ella/semantic_connector.h"
#include "tests/full/full_size_networks.h"

namespace ella {
namespace {

constexpr double kTolerance = 5e-4;  // of the rms

TEST(ConnectorFullTest, MatchesTheReference) {
  const Checkpoint checkpoint = FormulaCheckpoint("ella_full");
  const auto connector = LoadGolden<SemanticConnector>(
      checkpoint, ValueOrThrow(ConnectorConfig::Load(checkpoint, "")));
  const GoldenFile golden = FullSizeFile();
  for (const auto& [length, timestep] :
       {std::pair<int64_t, int>{1, 999}, {37, 500}, {128, 21}}) {
    const std::string name = absl::StrCat("L", length);
    SCOPED_TRACE(name);
    ExpectClose(
        connector->forward(FormulaInput(absl::StrCat("input.ella.", name),
                                        {1, length, 2048}, 2),
                           at::full({1}, timestep, at::kFloat)),
        golden.Get(absl::StrCat("ella_full.", name, ".t", timestep, ".out")),
        kTolerance);
  }
  ExpectClose(
      connector->forward(FormulaInput("input.ella.batch2", {2, 20, 2048}, 2),
                         at::tensor({999.f, 1.f})),
      golden.Get("ella_full.batch2.L20.t999_1.out"), kTolerance);
}

}  // namespace
}  // namespace ella
