// The tensors of one network, wherever its files hold them.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "model/weights/safetensors.h"

namespace ella {

// A set of safetensors files, mapped, or of tensors in memory. Copies share
// them.
class Checkpoint {
 public:
  // Opens FOLDER/STEM.safetensors, or the shards that
  // FOLDER/STEM.safetensors.index.json names, or FOLDER/STEM.fp16.safetensors
  // (sharded variants too), in this order. Tensors of a shard that the index
  // doesn't list are left out. NotFound where the folder, a shard or all
  // weights are missing; InvalidArgument for a contradiction, and for a folder
  // that holds only .bin or .ckpt files, with how to convert them.
  static absl::StatusOr<Checkpoint> OpenFolder(const std::string& folder,
                                               const std::string& stem);
  // Opens one file; errors as in SafetensorsFile::Open.
  static absl::StatusOr<Checkpoint> OpenFile(const std::string& path);
  // Tensors in memory that `owner` keeps alive; the name is for messages.
  static Checkpoint FromViews(std::string name,
                              std::map<std::string, TensorView> tensors,
                              std::shared_ptr<const void> owner);

  // Sorted by name. The views live as long as any copy of the checkpoint.
  const std::map<std::string, TensorView>& tensors() const { return tensors_; }
  // For messages: the file, or the index.
  const std::string& path() const { return path_; }
  // Keeps what the views point into alive.
  std::shared_ptr<const void> mapping() const { return mapping_; }

 private:
  static absl::StatusOr<Checkpoint> OpenIndex(const std::string& path);

  std::string path_;
  std::shared_ptr<const void> mapping_;
  std::map<std::string, TensorView> tensors_;
};

}  // namespace ella
