#include "bench/formula/formula_weights.h"

#include <gtest/gtest.h>

#include "tests/full/full_size_networks.h"

namespace ella {
namespace {

TEST(FormulaWeightsTest, MatchTheirCheckValues) {
  const GoldenFile golden = FullSizeFile();
  EXPECT_TRUE(at::equal(FormulaInput("fill.check", {64}, 0),
                        golden.Get("fill_check.log2_0")));
  const FormulaTensor tensor = {"fill.check2", {3, 5}, -3, 1};
  std::vector<float> values(15);
  FillByFormula(tensor, 0, absl::MakeSpan(values));
  EXPECT_TRUE(at::equal(at::tensor(values).view({3, 5}),
                        golden.Get("fill_check.log2_-3_offset_1")));
}

// A large tensor is filled in two halves.
TEST(FormulaWeightsTest, DependOnTheIndexAlone) {
  const FormulaTensor tensor = {"fill.check", {1 << 17}, 0, 0};
  std::vector<float> whole(1 << 17);
  FillByFormula(tensor, 0, absl::MakeSpan(whole));
  for (const uint32_t first : {0u, 65535u, 65536u, 131000u}) {
    std::vector<float> part(64);
    FillByFormula(tensor, first, absl::MakeSpan(part));
    EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin() + first))
        << first;
  }
}

TEST(FormulaWeightsTest, RefuseFilesThatAreNone) {
  EXPECT_EQ(ReadFormulaTensors("/nowhere.json").status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(ReadFormulaTensors(GoldenPath("README.md")).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace ella
