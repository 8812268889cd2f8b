#pragma once

#include <string>
#include <vector>

#include "client/server_access.h"

namespace ella {

// Without TLS and key.
inline std::vector<ServerChannel> ChannelsTo(
    const std::vector<std::string>& addresses) {
  ServerAccess access;
  access.addresses = addresses;
  return MakeChannels(access);
}

}  // namespace ella
