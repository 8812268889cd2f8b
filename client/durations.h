// Times of the wire in seconds.
#pragma once

#include "google/protobuf/duration.pb.h"

namespace ella {

inline double Seconds(const google::protobuf::Duration& duration) {
  return static_cast<double>(duration.seconds()) + 1e-9 * duration.nanos();
}

}  // namespace ella
