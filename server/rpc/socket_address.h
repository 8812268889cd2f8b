#pragma once

#include <string>

namespace ella {

// The port at this end; zero where the file is not a socket.
int LocalPort(int file);

// Who is at the other end, as "127.0.0.1 port 4000"; empty where the file is
// not a socket, or not connected.
std::string PeerName(int file);

}  // namespace ella
