#include "model/engine/torch_status.h"

#include "gtest/gtest.h"

namespace ella {
namespace {

absl::Status StatusOfCuda(int32_t error) {
  return CatchTorch([&]() -> absl::Status {
    throw c10::AcceleratorError({__func__, __FILE__, __LINE__}, error,
                                "CUDA error: as thrown");
  });
}

TEST(TorchStatusTest, ErrorsThatStayLoseTheDevice) {
  // cudaErrorIllegalAddress, cudaErrorAssert, cudaErrorECCUncorrectable
  for (const int32_t error : {700, 710, 214}) {
    const absl::Status status = StatusOfCuda(error);
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << error;
    EXPECT_EQ(status.message(), "CUDA error: as thrown");
  }
}

TEST(TorchStatusTest, OthersFailOneCall) {
  // cudaErrorInvalidValue, cudaErrorInvalidConfiguration
  for (const int32_t error : {1, 9}) {
    EXPECT_EQ(StatusOfCuda(error).code(), absl::StatusCode::kInternal);
  }
  EXPECT_EQ(CatchTorch([]() -> absl::Status { throw std::bad_alloc(); }).code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(CatchTorch([]() -> absl::Status {
              throw std::runtime_error("odd");
            }).code(),
            absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace ella
