// The folder that `ella dpg generate` fills with grids, over several runs.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "image/png_codec.h"

namespace ella {

// One process works in a folder at a time. Errors name the file.
class GridFolder {
 public:
  // Makes the folder where there is none, and removes what a killed run left.
  // FailedPrecondition where another run is at work in it.
  static absl::StatusOr<std::unique_ptr<GridFolder>> Open(
      const std::string& path);
  ~GridFolder();
  GridFolder(const GridFolder&) = delete;
  GridFolder& operator=(const GridFolder&) = delete;

  struct Survey {
    std::set<std::string> finished;  // ids
    // Why a grid that is there must be drawn again.
    std::vector<std::string> notes;
  };

  // Which grids are there, whole, and made of `prompts` (by id) with these
  // settings. FailedPrecondition where a PNG has other settings or none: a run
  // would mix them.
  absl::StatusOr<Survey> Find(const std::map<std::string, std::string>& prompts,
                              const std::vector<PngText>& settings) const;

  // The seeds of these grids' pictures as JSON lines in seeds.jsonl.
  absl::Status WriteSeeds(const std::set<std::string>& ids,
                          const std::vector<uint32_t>& seeds) const;

  // FOLDER/<id>.png
  std::string GridPath(const std::string& id) const;

 private:
  GridFolder(const std::string& path, int lock);

  const std::string path_;
  const int lock_;
};

}  // namespace ella
