// ELLA's recipe on the demo world, from nothing or from an earlier model.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "model/weights/parameter_loader.h"

namespace ella {

struct DemoTrainingOptions {
  // FOLDER/model is the model directory, FOLDER/trained the float32 weights of
  // the stages that are done, FOLDER/sheets their pictures.
  std::string folder;
  // A model directory of this architecture to begin with; empty: from random
  // weights.
  std::string init;
  int side = 64;  // pixels
  uint64_t seed = 1;
  // Whether the VAE's latents stay as they are, and its decoder alone is
  // trained.
  bool keep_latents = false;
  // A stage of 0 steps is left out.
  int64_t vae_steps = 4000;
  int64_t teacher_steps = 4000;
  int64_t t5_steps = 40000;
  int64_t unet_steps = 20000;
  int64_t clip_steps = 2500;
  int64_t ella_steps = 5000;
  int64_t batch = 16;
  double learning_rate = 1e-3;
  // How much more often than with little noise the noisiest latents are drawn.
  double most_weight = 30;
  // Of the UNet's batches, those of scenes with one object.
  double lone_share = 0.1;
  // And of those whose captions tell the place of each object.
  double placed_share = 0.35;
  int64_t checkpoint_every = 100;
  int64_t sheet_every = 500;
  LoadOptions compute;
  std::function<bool()> stop_wanted;
  std::function<void(const std::string&)> report;
};

// Runs the stages that are not done yet: VAE, text, UNet, "SD", "ELLA".
// After each, the model directory is whole; parts whose turn has not come are
// random. Cancelled where a stop was wanted; the next call goes on from there.
absl::Status TrainDemoModel(const DemoTrainingOptions& options);

}  // namespace ella
