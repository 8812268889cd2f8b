#include "server/scheduling/filler_rows.h"

#include <utility>

namespace ella {

void FillerRows::Add(EnginePtr engine, const RowParams& params) {
  fillers_.push_back({std::move(engine), params, nullptr});
}

void FillerRows::AddTo(const Engine* engine, std::vector<Row*>* rows,
                       int* unet_rows) {
  for (Filler& filler : fillers_) {
    if (filler.engine.get() != engine) continue;
    if (filler.row == nullptr || filler.row->done()) {
      absl::StatusOr<std::unique_ptr<Row>> row =
          filler.engine->Start(filler.params);
      // A batch with one row less does no harm.
      if (!row.ok()) continue;
      filler.row = *std::move(row);
    }
    rows->push_back(filler.row.get());
    *unet_rows += filler.params.negative == nullptr ? 1 : 2;
  }
}

}  // namespace ella
