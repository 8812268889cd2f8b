#include "model/writing/shape_list.h"

namespace ella {

void ShapeList::Add(std::string name, std::vector<int64_t> shape) {
  shapes_.push_back({std::move(name), std::move(shape)});
}

void ShapeList::Linear(const std::string& name, int64_t out, int64_t in) {
  LinearNoBias(name, out, in);
  Add(name + ".bias", {out});
}

void ShapeList::LinearNoBias(const std::string& name, int64_t out, int64_t in) {
  Add(name + ".weight", {out, in});
}

void ShapeList::Conv(const std::string& name, int64_t out, int64_t in,
                     int64_t kernel) {
  Add(name + ".weight", {out, in, kernel, kernel});
  Add(name + ".bias", {out});
}

void ShapeList::Norm(const std::string& name, int64_t channels) {
  Add(name + ".weight", {channels});
  Add(name + ".bias", {channels});
}

void ShapeList::ResnetBlock(const std::string& name, int64_t in, int64_t out,
                            int64_t time_channels) {
  Norm(name + ".norm1", in);
  Conv(name + ".conv1", out, in, 3);
  if (time_channels > 0) Linear(name + ".time_emb_proj", out, time_channels);
  Norm(name + ".norm2", out);
  Conv(name + ".conv2", out, out, 3);
  if (in != out) Conv(name + ".conv_shortcut", out, in, 1);
}

}  // namespace ella
