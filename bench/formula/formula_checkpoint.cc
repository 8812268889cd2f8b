#include "bench/formula/formula_checkpoint.h"

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "bench/formula/formula_weights.h"

namespace ella {

absl::StatusOr<Checkpoint> MakeFormulaCheckpoint(
    const std::string& shapes_path,
    const std::function<bool(const std::string& name)>& wanted) {
  const absl::StatusOr<std::vector<FormulaTensor>> tensors =
      ReadFormulaTensors(shapes_path);
  if (!tensors.ok()) return tensors.status();
  auto owner = std::make_shared<std::vector<std::unique_ptr<float[]>>>();
  std::map<std::string, TensorView> views;
  for (const FormulaTensor& tensor : *tensors) {
    if (wanted && !wanted(tensor.name)) continue;
    const size_t size = static_cast<size_t>(tensor.NumElements());
    owner->push_back(std::make_unique_for_overwrite<float[]>(size));
    float* const values = owner->back().get();
    FillByFormula(tensor, 0, absl::MakeSpan(values, size));
    views[tensor.name] = {
        Dtype::kF32, tensor.shape,
        absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(values),
                            size * sizeof(float))};
  }
  return Checkpoint::FromViews(shapes_path, std::move(views), std::move(owner));
}

}  // namespace ella
