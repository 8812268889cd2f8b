#include "server/scheduling/batch_policy.h"

#include <algorithm>

namespace ella {

bool ServedBefore(const Task& a, const Task& b) {
  return a.priority != b.priority ? a.priority > b.priority : a.age < b.age;
}

int UnetRowsPerImage(const GenerationParams& params) {
  return params.guided() ? 2 : 1;
}

double UnetWork(const GenerationParams& params, int steps) {
  const double latent_pixels =
      static_cast<double>(params.width) * params.height / 64;
  return latent_pixels * UnetRowsPerImage(params) * steps;
}

std::vector<int> ChooseRows(absl::Span<const int> steps_left,
                            int unet_rows_per_image, int max_unet_rows) {
  std::vector<int> rows;
  for (int i = 0; i < static_cast<int>(steps_left.size()); ++i) {
    if (steps_left[i] > 0) rows.push_back(i);
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [&](int a, int b) { return steps_left[a] > steps_left[b]; });
  const size_t most = std::max(1, max_unet_rows / unet_rows_per_image);
  if (rows.size() > most) rows.resize(most);
  std::sort(rows.begin(), rows.end());
  return rows;
}

}  // namespace ella
