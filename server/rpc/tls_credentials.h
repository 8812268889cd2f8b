#pragma once

#include <memory>

#include "grpcpp/security/server_credentials.h"
#include "server/identity/tls_files.h"

namespace ella {

// TLS with the files as they are whenever a connection begins; those that stand
// keep theirs. Where the files name a client CA, who has no certificate of it
// gets no connection. The files outlive the server that uses it.
std::shared_ptr<grpc::ServerCredentials> MakeTlsCredentials(TlsFiles* files);

}  // namespace ella
