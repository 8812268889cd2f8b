// `ella models load`, `unload` and `status`.
#pragma once

#include <vector>

#include "client/verbs.h"

namespace ella {

// Adds them to `models`.
std::vector<Verb> AddModelAdminVerbs(CLI::App* models);

}  // namespace ella
