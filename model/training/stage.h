// A stage of ELLA's recipe: what is trained, and towards what.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/api/types.h"
#include "model/training/network_parts.h"

namespace ella {

// Seeds of one training step, so that a step is the same after a resumption:
// a number for each purpose.
class StepRandom {
 public:
  StepRandom(uint64_t run_seed, int64_t step)
      : seed_(run_seed * 0x9E3779B97F4A7C15 + static_cast<uint64_t>(step)) {}
  uint64_t Next();
  double Fraction();  // in [0, 1)

 private:
  uint64_t seed_;
};

// One thread.
class Stage {
 public:
  virtual ~Stage() = default;

  virtual std::string name() const = 0;
  // The parts whose parameters are trained.
  virtual std::vector<Part> parts() const = 0;
  // Of the networks that the parts make at present; a scalar.
  virtual absl::StatusOr<at::Tensor> Loss(StepRandom random, int64_t batch) = 0;
  // What they can do at present, without gradients.
  virtual absl::StatusOr<RgbImage> Sheet() = 0;
  // When the last step is done, with the averages in place.
  virtual absl::Status Finish() { return absl::OkStatus(); }
};

}  // namespace ella
