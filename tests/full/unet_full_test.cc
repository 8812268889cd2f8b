#include <gtest/gtest.h>

#include "model/unet/unet.h"
#include "tests/full/full_size_networks.h"

namespace ella {
namespace {

// One network for all tests, since it fills gigabytes.
class UNetFullTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    unet_ = LoadGolden<UNet>(FormulaCheckpoint("sd15_unet"), UNetConfig())
                .release();
  }
  static void TearDownTestSuite() { delete unet_; }

  static inline const UNet* unet_ = nullptr;
};

TEST_F(UNetFullTest, MatchesTheReference) {
  ExpectClose(
      unet_->forward(FormulaInput("input.unet.8x8", {1, 4, 8, 8}, 2),
                     at::tensor({601.f}),
                     {FormulaInput("input.unet.context", {1, 64, 768}, 2)}),
      FullSizeFile().Get("sd15_unet.b1_8x8_t601.out"), kFullSizeTolerance);
}

TEST_F(UNetFullTest, MatchesTheReferenceWithTwoTimesteps) {
  ExpectClose(
      unet_->forward(FormulaInput("input.unet.8x12", {2, 4, 8, 12}, 2),
                     at::tensor({999.f, 21.f}),
                     {FormulaInput("input.unet.context2", {2, 64, 768}, 2)}),
      FullSizeFile().Get("sd15_unet.b2_8x12_t999_21.out"), kFullSizeTolerance);
}

TEST_F(UNetFullTest, MatchesTheReferenceAtFullResolution) {
  ExpectClose(unet_->forward(
                  FormulaInput("input.unet.64x64", {1, 4, 64, 64}, 2),
                  at::tensor({500.f}),
                  {FormulaInput("input.unet.context_large", {1, 64, 768}, 2)}),
              FullSizeLargeFile().Get("sd15_unet.b1_64x64_t500.out"),
              kFullSizeTolerance);
}

}  // namespace
}  // namespace ella
