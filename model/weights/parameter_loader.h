// Strict loading: every parameter of a network is found once, with its shape,
// and every tensor of its checkpoint is used or ignored by name.
#pragma once

#include <ATen/ATen.h>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "model/weights/checkpoint.h"

namespace ella {

struct LoadOptions {
  at::Device device = at::kCPU;
  at::ScalarType dtype = at::kFloat;
};

// How the keys of a checkpoint family map to those of the network.
struct KeyMapping {
  // The key the network knows, for a key of the file; identity where null.
  std::function<std::string(const std::string&)> rename;
  // Keys, after renaming, that serving has no use for; none where null.
  std::function<bool(const std::string&)> ignored;
};

class ParameterScope;

// Hands out the tensors of one checkpoint and remembers what went wrong, so
// that the constructors of networks stay free of error handling: they are given
// empty tensors where something is missing, and Finish() says what. One thread.
class ParameterLoader {
 public:
  // `network` is named in messages, such as "unet".
  ParameterLoader(std::string network, Checkpoint checkpoint,
                  const LoadOptions& options, const KeyMapping& mapping = {});

  // Over tensors in memory, of which the network gets copies in the options'
  // dtype and on their device, within autograd: for training.
  ParameterLoader(std::string network,
                  const std::map<std::string, at::Tensor>& tensors,
                  const LoadOptions& options, const KeyMapping& mapping = {});

  ParameterScope root();

  // [shape], in the dtype and on the device of the options. On a CPU a tensor
  // whose dtype needs no conversion stays in the mapped file.
  at::Tensor Get(const std::string& key, at::IntArrayRef shape);

  bool Has(const std::string& key) const { return entries_.count(key) != 0; }

  // What the tensors handed out so far take.
  int64_t bytes() const { return bytes_; }

  // InvalidArgument naming the first few tensors that are missing, misshapen,
  // of no float dtype, or that nothing asked for. To be called once, when the
  // network is made; one that fails here must not be used.
  absl::Status Finish();

 private:
  struct Entry {
    TensorView view = {};    // of a checkpoint,
    at::Tensor tensor = {};  // or this
    bool used = false;
  };

  void AddEntry(const std::string& original_key, Entry entry,
                const KeyMapping& mapping);
  // The stored tensor; undefined, after a complaint, where it doesn't fit.
  at::Tensor Stored(const std::string& key, const Entry& entry,
                    at::IntArrayRef shape);
  void Complain(std::string what);

  const std::string network_;
  const Checkpoint checkpoint_;
  const LoadOptions options_;
  std::map<std::string, Entry> entries_;
  std::vector<std::string> errors_;  // the first few
  size_t num_errors_ = 0;
  int64_t bytes_ = 0;
};

// A place in the tree of names, such as "down_blocks.0.resnets.1".
class ParameterScope {
 public:
  ParameterScope(ParameterLoader* loader, std::string prefix)
      : loader_(loader), prefix_(std::move(prefix)) {}

  ParameterScope operator[](std::string_view name) const {
    return {loader_, Key(name)};
  }
  ParameterScope operator[](int64_t index) const {
    return {loader_, Key(std::to_string(index))};
  }
  at::Tensor Get(std::string_view name, at::IntArrayRef shape) const {
    return loader_->Get(Key(name), shape);
  }

 private:
  std::string Key(std::string_view name) const {
    return prefix_.empty() ? std::string(name)
                           : prefix_ + "." + std::string(name);
  }

  ParameterLoader* loader_;
  std::string prefix_;
};

}  // namespace ella
