#include "server/rpc/tls_credentials.h"

#include <string>

#include "grpc/grpc.h"
#include "grpc/grpc_security.h"

namespace ella {
namespace {

grpc_ssl_certificate_config_reload_status Fetch(
    void* files, grpc_ssl_server_certificate_config** config) {
  const std::optional<TlsMaterial> material =
      static_cast<TlsFiles*>(files)->TakeNew();
  if (!material) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
  const grpc_ssl_pem_key_cert_pair pair = {material->private_key.c_str(),
                                           material->certificates.c_str()};
  // gRPC insists on roots, though without a client CA it never looks at them.
  const std::string& roots = material->client_ca.empty()
                                 ? material->certificates
                                 : material->client_ca;
  *config = grpc_ssl_server_certificate_config_create(roots.c_str(), &pair, 1);
  return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
}

// gRPC's C++ classes either never read the files again, or use them before
// anyone has looked at them; its C library lets us hand them over.
class ReloadingTlsCredentials final : public grpc::ServerCredentials {
 public:
  explicit ReloadingTlsCredentials(TlsFiles* files)
      : credentials_(grpc_ssl_server_credentials_create_with_options(
            grpc_ssl_server_credentials_create_options_using_config_fetcher(
                files->asks_for_client_certificates()
                    ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                    : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE,
                &Fetch, files))) {}
  ~ReloadingTlsCredentials() override {
    grpc_server_credentials_release(credentials_);
  }

  // Keys are looked at by the service itself, as it has them without TLS too.
  void SetAuthMetadataProcessor(
      const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}

 private:
  int AddPortToServer(const std::string& address,
                      grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  grpc_server_credentials* const credentials_;
};

}  // namespace

std::shared_ptr<grpc::ServerCredentials> MakeTlsCredentials(TlsFiles* files) {
  return std::make_shared<ReloadingTlsCredentials>(files);
}

}  // namespace ella
