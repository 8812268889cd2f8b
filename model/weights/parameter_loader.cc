#include "model/weights/parameter_loader.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace ella {
namespace {

constexpr size_t kMaxNamed = 4;  // tensors named in one message

std::string ShapeText(at::IntArrayRef shape) {
  return absl::StrCat("[", absl::StrJoin(shape, ","), "]");
}

std::optional<at::ScalarType> FloatType(Dtype dtype) {
  switch (dtype) {
    case Dtype::kF32:
      return at::kFloat;
    case Dtype::kF16:
      return at::kHalf;
    case Dtype::kBF16:
      return at::kBFloat16;
    case Dtype::kF64:
      return at::kDouble;
    default:
      return std::nullopt;
  }
}

// A tensor on the file's own bytes; it keeps the mapping alive.
at::Tensor MappedTensor(const TensorView& view, at::ScalarType dtype,
                        std::shared_ptr<const void> mapping) {
  auto* data = const_cast<uint8_t*>(view.data.data());  // never written to
  return at::from_blob(
      data, view.shape, [mapping = std::move(mapping)](void*) {},
      at::TensorOptions().dtype(dtype));
}

bool Aligned(const TensorView& view) {
  return reinterpret_cast<uintptr_t>(view.data.data()) %
             DtypeSize(view.dtype) ==
         0;
}

// Where the bytes lie at an odd address.
at::Tensor CopiedTensor(const TensorView& view, at::ScalarType dtype) {
  at::Tensor tensor = at::empty(view.shape, at::TensorOptions().dtype(dtype));
  std::copy(view.data.begin(), view.data.end(),
            static_cast<uint8_t*>(tensor.data_ptr()));
  return tensor;
}

}  // namespace

ParameterLoader::ParameterLoader(std::string network, Checkpoint checkpoint,
                                 const LoadOptions& options,
                                 const KeyMapping& mapping)
    : network_(std::move(network)),
      checkpoint_(std::move(checkpoint)),
      options_(options) {
  for (const auto& [key, view] : checkpoint_.tensors()) {
    AddEntry(key, Entry{.view = view}, mapping);
  }
}

ParameterLoader::ParameterLoader(
    std::string network, const std::map<std::string, at::Tensor>& tensors,
    const LoadOptions& options, const KeyMapping& mapping)
    : network_(std::move(network)),
      checkpoint_(Checkpoint::FromViews("memory", {}, nullptr)),
      options_(options) {
  for (const auto& [key, tensor] : tensors) {
    AddEntry(key, Entry{.tensor = tensor}, mapping);
  }
}

void ParameterLoader::AddEntry(const std::string& original_key, Entry entry,
                               const KeyMapping& mapping) {
  std::string key =
      mapping.rename ? mapping.rename(original_key) : original_key;
  entry.used = mapping.ignored && mapping.ignored(key);
  if (!entries_.emplace(key, std::move(entry)).second) {
    Complain(absl::StrCat("two tensors are ", key, ", one of them as ",
                          original_key));
  }
}

ParameterScope ParameterLoader::root() { return {this, ""}; }

at::Tensor ParameterLoader::Get(const std::string& key, at::IntArrayRef shape) {
  // In place of what is missing: of the right rank, and of no size, whatever
  // the configuration claims.
  const at::Tensor nothing = at::empty(std::vector<int64_t>(shape.size(), 0));
  const auto found = entries_.find(key);
  if (found == entries_.end()) {
    Complain(absl::StrCat(key, " ", ShapeText(shape), " is missing"));
    return nothing;
  }
  found->second.used = true;
  const at::Tensor stored = Stored(key, found->second, shape);
  if (!stored.defined()) return nothing;
  at::Tensor tensor = stored.to(options_.device, options_.dtype);
  bytes_ += static_cast<int64_t>(tensor.nbytes());
  return tensor;
}

at::Tensor ParameterLoader::Stored(const std::string& key, const Entry& entry,
                                   at::IntArrayRef shape) {
  const std::vector<int64_t> found =
      entry.tensor.defined() ? entry.tensor.sizes().vec() : entry.view.shape;
  if (found != shape.vec()) {
    Complain(absl::StrCat(key, " has shape ", ShapeText(found),
                          ", by the configuration it is ", ShapeText(shape)));
    return {};
  }
  if (entry.tensor.defined()) return entry.tensor;
  const std::optional<at::ScalarType> dtype = FloatType(entry.view.dtype);
  if (!dtype.has_value()) {
    Complain(absl::StrCat(key, " has dtype ", DtypeName(entry.view.dtype),
                          ", not a float one"));
    return {};
  }
  return Aligned(entry.view)
             ? MappedTensor(entry.view, *dtype, checkpoint_.mapping())
             : CopiedTensor(entry.view, *dtype);
}

void ParameterLoader::Complain(std::string what) {
  ++num_errors_;
  if (errors_.size() < kMaxNamed) errors_.push_back(std::move(what));
}

absl::Status ParameterLoader::Finish() {
  for (const auto& [key, entry] : entries_) {
    if (!entry.used) Complain(absl::StrCat(key, " is not known"));
  }
  if (num_errors_ == 0) return absl::OkStatus();
  std::string message = absl::StrCat(
      network_, " weights in ", checkpoint_.path(),
      " don't fit the configuration: ", absl::StrJoin(errors_, "; "));
  if (num_errors_ > errors_.size()) {
    absl::StrAppend(&message, "; and ", num_errors_ - errors_.size(), " more");
  }
  return absl::InvalidArgumentError(message);
}

}  // namespace ella
