// Where pictures go on disk, and how they get there whole.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace ella {

// out.png, out.1.png, out.2.png, ...
std::string ImagePath(const std::string& output, uint32_t index);

// DIRECTORY/step-012.0.png: step 12 of image 0.
std::string PreviewPath(const std::string& directory, uint32_t step,
                        uint32_t index);

// Whether WriteFile could start: the folder is there and takes new files. The
// error names the path.
absl::Status CheckWritable(const std::string& path);

// Replaces the file by one with these bytes, or leaves it as it was: the bytes
// go to a hidden file beside it, which then takes its name. A device or a pipe
// is written to as it is. The error names the path.
absl::Status WriteFile(const std::string& path, std::string_view bytes);

// Removes the hidden files that a killed WriteFile left in the folder. Nobody
// else may be writing there.
void RemoveLeftovers(const std::string& folder);

}  // namespace ella
