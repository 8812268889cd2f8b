// The samplers: from noise to latents, one UNet call at a time.
#pragma once

#include <ATen/ATen.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "model/sampling/noise_schedule_config.h"

namespace ella {

// The state of one row. For each call: give ScaleInput(latents) and
// timestep(call()) to the UNet, and the eps that it predicts to Step. Begin
// with unit noise times init_noise_sigma().
//
// Latents and eps are [1, C, h, w]; latents are float32, on any device. A step
// computes its coefficients on the host and never waits for the device.
// One thread at a time.
class Sampler {
 public:
  virtual ~Sampler() = default;

  // UNet calls: the steps asked for, and one more for pndm if they are above 1.
  int num_calls() const { return static_cast<int>(timesteps_.size()); }
  // Calls done.
  int call() const { return call_; }
  // For the UNet and the connector; those of Euler may be fractional. call is
  // below num_calls().
  float timestep(int call) const { return timesteps_[call]; }
  // Of all calls.
  const std::vector<float>& timesteps() const { return timesteps_; }

  virtual float init_noise_sigma() const { return 1; }
  // The UNet's input for the current call.
  virtual at::Tensor ScaleInput(const at::Tensor& latents) const {
    return latents;
  }
  // The latents after the current call. Only euler_ancestral uses the
  // generator, which is the row's, on the CPU. Not to be called when all calls
  // are done.
  at::Tensor Step(const at::Tensor& latents, const at::Tensor& eps,
                  at::Generator& generator);
  // The x0 that the last call predicted; undefined before the first.
  const at::Tensor& denoised() const { return denoised_; }

 protected:
  struct Advanced {
    at::Tensor latents;
    at::Tensor denoised;
  };

  explicit Sampler(std::vector<float> timesteps)
      : timesteps_(std::move(timesteps)) {}

 private:
  virtual Advanced Advance(const at::Tensor& latents, const at::Tensor& eps,
                           at::Generator& generator) = 0;

  const std::vector<float> timesteps_;
  int call_ = 0;
  at::Tensor denoised_;
};

// The first is the default.
const std::vector<std::string>& SamplerNames();

// InvalidArgument for an unknown name, and for steps that are not from 1 to the
// schedule's number of timesteps or that the sampler can't take.
absl::StatusOr<std::unique_ptr<Sampler>> CreateSampler(
    const std::string& name, const NoiseScheduleConfig& config, int steps);

}  // namespace ella
