// Collects the names and shapes of layers.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "model/writing/tensor_shapes.h"

namespace ella {

class ShapeList {
 public:
  void Add(std::string name, std::vector<int64_t> shape);
  // With bias, as all of these but LinearNoBias.
  void Linear(const std::string& name, int64_t out, int64_t in);
  void LinearNoBias(const std::string& name, int64_t out, int64_t in);
  // A square kernel.
  void Conv(const std::string& name, int64_t out, int64_t in, int64_t kernel);
  // A norm over channels, with weight and bias.
  void Norm(const std::string& name, int64_t channels);
  // time_channels 0: a resnet block without a timestep, as in the VAE.
  void ResnetBlock(const std::string& name, int64_t in, int64_t out,
                   int64_t time_channels);

  std::vector<TensorShape> Take() { return std::move(shapes_); }

 private:
  std::vector<TensorShape> shapes_;
};

}  // namespace ella
