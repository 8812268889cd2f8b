#pragma once

#include <memory>
#include <vector>

#include "model/api/engine.h"
#include "server/scheduling/task.h"

namespace ella {

// What stands in the places of rows that have ended, where a batch keeps its
// size to its end: rows like them, whose pictures nobody sees. Belongs to the
// denoising thread.
class FillerRows {
 public:
  // Takes the place of a row of these params.
  void Add(EnginePtr engine, const RowParams& params);
  // The batch has ended.
  void Clear() { fillers_.clear(); }
  bool empty() const { return fillers_.empty(); }

  // Adds the rows for the next step of the engine, each with steps to go, and
  // their UNet rows.
  void AddTo(const Engine* engine, std::vector<Row*>* rows, int* unet_rows);

 private:
  struct Filler {
    EnginePtr engine;
    RowParams params;
    std::unique_ptr<Row> row;  // null: to be started
  };

  std::vector<Filler> fillers_;
};

}  // namespace ella
