#pragma once

#include <cstdint>

namespace ella {

// Models that come and go while the server runs.
struct ModelOptions {
  // Whether ModelAdminService is served.
  bool admin = false;
  // MiB that the weights of loaded models may take together; the least recently
  // used one goes first. 0: no limit.
  int budget_mb = 0;

  int64_t budget_bytes() const { return int64_t{budget_mb} << 20; }
};

}  // namespace ella
