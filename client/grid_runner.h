// Draws many grids, with several requests in flight.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client/cancellation.h"
#include "client/picture_grid.h"
#include "client/server_access.h"
#include "ella/v1/text_to_image.pb.h"
#include "image/png_codec.h"

namespace ella {

// A PNG of the pictures of all of its requests, in their order.
struct GridJob {
  std::string name;  // for errors
  std::string path;
  std::vector<v1::GenerateRequest> requests;
  std::vector<PngText> texts;
};

struct GridProgress {
  size_t grids = 0;  // all
  size_t ended = 0;
  double share = 0;  // of all steps, 0 to 1
  absl::Duration elapsed;
};

struct GridRunnerOptions {
  ServerAccess server;
  GridLayout layout;
  uint32_t in_flight = 1;  // requests
  double timeout_s = 600;  // of a request and all its retries
  // Told on threads of the run, never two at once; each may be null.
  //
  // The grid is on disk, or will not be.
  std::function<void(const GridJob&, const absl::Status&)> on_end;
  // A few times a second, and after each on_end.
  std::function<void(const GridProgress&)> on_progress;
  std::function<void(const std::string& server, const absl::Status&,
                     absl::Duration delay)>
      on_retry;  // as that of ClientOptions
};

// Draws the grids in order and writes each as soon as it is complete, whole or
// not at all. Requests are spread over the servers. An error that concerns one
// prompt alone (a refused prompt, a picture that can't be read) goes to on_end,
// and the others go on. Any other one ends the run and is returned: no server,
// settings that it refuses, a full disk. So does `cancellation`, with
// CANCELLED; it is cancelled in each case.
absl::Status DrawGrids(const std::vector<GridJob>& jobs,
                       const GridRunnerOptions& options,
                       Cancellation* cancellation);

}  // namespace ella
