#include <gtest/gtest.h>

#include "model/vae/vae_decoder.h"
#include "tests/full/full_size_networks.h"

namespace ella {
namespace {

class VaeFullTest : public testing::Test {
 protected:
  VaeFullTest()
      : vae_(LoadGolden<VaeDecoder>(FormulaCheckpoint("sd15_vae"), VaeConfig(),
                                    VaeDecoderKeyMapping())) {}

  const std::unique_ptr<VaeDecoder> vae_;
};

TEST_F(VaeFullTest, MatchesTheReference) {
  ExpectClose(vae_->forward(FormulaInput("input.vae.z", {1, 4, 8, 12}, 3)),
              FullSizeFile().Get("sd15_vae.decode_8x12.out"),
              kFullSizeTolerance);
}

TEST_F(VaeFullTest, MatchesTheReferenceAtFullResolution) {
  const at::Tensor out =
      vae_->forward(FormulaInput("input.vae.z64", {1, 4, 64, 64}, 3));
  const GoldenFile golden = FullSizeLargeFile();
  const std::string name = "sd15_vae.decode_64x64.";
  ExpectClose(out.slice(2, 0, 512, 8).slice(3, 0, 512, 8),
              golden.Get(name + "out_every_8th_row_and_column"),
              kFullSizeTolerance);
  const at::Tensor wide = out.to(at::kDouble);
  ExpectClose(at::stack({wide.mean(), wide.std()}),
              golden.Get(name + "mean_std"), kFullSizeTolerance);
}

}  // namespace
}  // namespace ella
