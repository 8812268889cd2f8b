// Who may come in, over real connections: TLS, certificates, keys.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/rpc_status.h"
#include "client/server_access.h"
#include "ella/v1/model_admin.grpc.pb.h"
#include "gmock/gmock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "prometheus/text_serializer.h"
#include "tests/fakes/test_api_keys.h"
#include "tests/fakes/test_certificates.h"
#include "tests/server/server_fixture.h"
#include "tests/temp_folder.h"

namespace ella {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class CallersTest : public ServerFixture {
 protected:
  void SetUp() override {
    access_.tls = true;
    access_.roots = authority_.certificate();
  }

  absl::Status TryStart() {
    const absl::Status status = ServerFixture::TryStart();
    if (status.ok()) access_.addresses = {server_->address().ToString()};
    return status;
  }
  void Start() {
    const absl::Status status = TryStart();
    ASSERT_TRUE(status.ok()) << status;
  }

  void UseCertificate(const TestCertificate& certificate) {
    options_.identity.tls_cert =
        folder_.Write("cert.pem", certificate.certificate);
    options_.identity.tls_key =
        folder_.Write("key.pem", certificate.private_key);
  }
  // The server's own authority vouches for callers, too.
  void AskForCertificates() {
    options_.identity.tls_client_ca =
        folder_.Write("ca.pem", authority_.certificate());
  }
  void UseKeys(const std::string& lines) {
    options_.identity.api_keys = folder_.Write("keys", lines);
  }
  void Present(const TestCertificate& certificate) {
    access_.certificate = certificate.certificate;
    access_.private_key = certificate.private_key;
  }

  std::shared_ptr<grpc::Channel> Channel() {
    grpc::ChannelArguments apart;
    apart.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return MakeChannels(access_, apart)[0].channel;
  }
  std::unique_ptr<v1::TextToImageService::Stub> Stub() {
    return v1::TextToImageService::NewStub(Channel());
  }

  absl::Status ListModels() {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Minutes(1)));
    v1::ListModelsResponse response;
    return FromGrpcStatus(Stub()->ListModels(&context, {}, &response));
  }
  absl::Status Generate(const v1::GenerateRequest& request = {}) {
    auto stub = Stub();
    return FromGrpcStatus(Call(stub.get(), request).Finish());
  }
  absl::Status Cancel(const std::string& id) {
    return FromGrpcStatus(ServerFixture::Cancel(Stub().get(), id));
  }

  absl::Status Unload(const std::string& name) {
    grpc::ClientContext context;
    v1::UnloadModelRequest request;
    request.set_name(name);
    v1::UnloadModelResponse response;
    return FromGrpcStatus(
        v1::ModelAdminService::NewStub(Channel())->UnloadModel(
            &context, request, &response));
  }

  static v1::GenerateRequest Priority(int priority) {
    v1::GenerateRequest request;
    request.set_priority(priority);
    return request;
  }

  const TempFolder folder_;
  const TestAuthority authority_{"authority"};
  // How the test calls; it changes it.
  ServerAccess access_;
};

TEST_F(CallersTest, TlsServesWhoTrustsTheServer) {
  UseCertificate(authority_.Issue("server"));
  Start();
  EXPECT_TRUE(ListModels().ok()) << ListModels();
  EXPECT_TRUE(Generate().ok());
  EXPECT_THAT(Log(), HasSubstr("caller=ipv4:127.0.0.1"));
}

TEST_F(CallersTest, NobodyElseGetsAConnection) {
  UseCertificate(authority_.Issue("server"));
  Start();
  const TestAuthority stranger("authority");
  access_.roots = stranger.certificate();
  EXPECT_EQ(ListModels().code(), absl::StatusCode::kUnavailable);
  access_.roots = authority_.certificate();
  access_.server_name = "elsewhere.example";
  EXPECT_EQ(ListModels().code(), absl::StatusCode::kUnavailable);
  access_.server_name = "localhost";
  EXPECT_TRUE(ListModels().ok());
  access_.tls = false;
  EXPECT_EQ(ListModels().code(), absl::StatusCode::kUnavailable);
}

TEST_F(CallersTest, AServersExpiredCertificateIsRefused) {
  UseCertificate(authority_.Issue("server", -absl::Hours(1)));
  Start();
  EXPECT_EQ(ListModels().code(), absl::StatusCode::kUnavailable);
}

TEST_F(CallersTest, CallersMustHaveACertificateOfTheClientCa) {
  UseCertificate(authority_.Issue("server"));
  AskForCertificates();
  Start();
  EXPECT_EQ(ListModels().code(), absl::StatusCode::kUnavailable);
  Present(TestAuthority("authority").Issue("web"));
  EXPECT_EQ(ListModels().code(), absl::StatusCode::kUnavailable);
  Present(authority_.Issue("web", -absl::Hours(1)));
  EXPECT_EQ(ListModels().code(), absl::StatusCode::kUnavailable);
  Present(authority_.Issue("web"));
  EXPECT_TRUE(ListModels().ok()) << ListModels();
}

TEST_F(CallersTest, ACertificatesSubjectNamesTheCaller) {
  UseCertificate(authority_.Issue("server"));
  AskForCertificates();
  Start();
  Present(authority_.Issue("web"));
  engine_->Block();
  auto stub = Stub();
  v1::GenerateRequest request;
  request.set_request_id("mine");
  Call call(stub.get(), request);
  call.ReadUntil("started");
  Present(authority_.Issue("job"));
  EXPECT_EQ(Cancel("mine").code(), absl::StatusCode::kNotFound);
  engine_->Release();
  EXPECT_TRUE(call.Finish().ok());
  EXPECT_THAT(Log(), HasSubstr("caller=\"CN=web\""));
  EXPECT_THAT(prometheus::TextSerializer().Serialize(registry_.Collect()),
              HasSubstr("ella_caller_images_total{caller=\"CN=web\"} 1\n"));
}

TEST_F(CallersTest, ChangedCertificatesServeTheNextConnection) {
  const TestAuthority next("next authority");
  UseCertificate(authority_.Issue("server"));
  AskForCertificates();
  Start();
  Present(authority_.Issue("web"));
  auto old_stub = Stub();
  EXPECT_TRUE(Call(old_stub.get()).Finish().ok());

  UseCertificate(next.Issue("server"));
  folder_.Write("ca.pem", next.certificate());
  EXPECT_FALSE(ListModels().ok());
  access_.roots = next.certificate();
  EXPECT_FALSE(ListModels().ok());
  Present(next.Issue("web"));
  EXPECT_TRUE(ListModels().ok()) << ListModels();
  // Connections that stand go on.
  EXPECT_TRUE(Call(old_stub.get()).Finish().ok());

  folder_.Write("cert.pem", next.certificate().substr(0, 300));
  EXPECT_TRUE(ListModels().ok()) << ListModels();
  EXPECT_THAT(Log(), AllOf(HasSubstr("WARNING"), HasSubstr("cert.pem: "),
                           HasSubstr("before still counts")));
}

TEST_F(CallersTest, FilesThatCantBeUsedEndTheStart) {
  UseCertificate(authority_.Issue("server"));
  folder_.Write("key.pem", authority_.Issue("other").private_key);
  EXPECT_THAT(TryStart().message(), HasSubstr("key.pem: is not the private"));
  EXPECT_THAT(Server::CheckListen(options_).message(), HasSubstr("key.pem"));
  UseCertificate(authority_.Issue("server"));
  EXPECT_TRUE(Server::CheckListen(options_).ok());
  UseKeys("web");
  EXPECT_THAT(TryStart().message(), HasSubstr("keys: line 1: "));
}

TEST_F(CallersTest, EveryCallNeedsAKnownKey) {
  UseCertificate(authority_.Issue("server"));
  UseKeys(absl::StrCat("web ", kAbcHash));
  Start();
  for (const char* key : {"", "wrong", kAbcHash}) {
    access_.api_key = key;
    EXPECT_EQ(ListModels().code(), absl::StatusCode::kUnauthenticated);
    EXPECT_EQ(Generate().code(), absl::StatusCode::kUnauthenticated);
    EXPECT_EQ(Cancel("any").code(), absl::StatusCode::kUnauthenticated);
    v1::GenerateImagesResponse response;
    grpc::ClientContext context;
    EXPECT_EQ(Stub()->GenerateImages(&context, {}, &response).error_code(),
              grpc::StatusCode::UNAUTHENTICATED);
  }
  access_.api_key = "abc";
  EXPECT_TRUE(ListModels().ok()) << ListModels();
  EXPECT_TRUE(Generate().ok());
  EXPECT_EQ(Cancel("any").code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(Log(), HasSubstr("caller=web"));
  EXPECT_THAT(
      prometheus::TextSerializer().Serialize(registry_.Collect()),
      AllOf(HasSubstr("ella_caller_requests_total{caller=\"web\",code=\"OK\"} "
                      "1\n"),
            HasSubstr("ella_requests_total{code=\"UNAUTHENTICATED\"} 6\n"),
            Not(HasSubstr("caller=\"ipv4"))));
}

TEST_F(CallersTest, TheKeyMustStandOnceAndAsABearers) {
  UseKeys(absl::StrCat("web ", kAbcHash));
  Start();
  auto stub = v1::TextToImageService::NewStub(grpc::CreateChannel(
      access_.addresses[0], grpc::InsecureChannelCredentials()));
  const auto call = [&](const std::vector<std::string>& headers) {
    grpc::ClientContext context;
    for (const std::string& header : headers) {
      context.AddMetadata("authorization", header);
    }
    v1::ListModelsResponse response;
    return stub->ListModels(&context, {}, &response).error_code();
  };
  EXPECT_EQ(call({"Bearer abc"}), grpc::StatusCode::OK);
  EXPECT_EQ(call({"bearer abc"}), grpc::StatusCode::OK);
  for (const std::vector<std::string>& bad :
       std::vector<std::vector<std::string>>{{},
                                             {"abc"},
                                             {"Basic abc"},
                                             {"Bearer"},
                                             {"Bearer  abc"},
                                             {"Bearer abc", "Bearer abc"}}) {
    EXPECT_EQ(call(bad), grpc::StatusCode::UNAUTHENTICATED);
  }
}

TEST_F(CallersTest, AKeyNeedsNoTlsOnLoopback) {
  UseKeys(absl::StrCat("web ", kAbcHash));
  Start();
  access_.tls = false;
  access_.api_key = "abc";
  EXPECT_TRUE(ListModels().ok()) << ListModels();
}

TEST_F(CallersTest, ARevokedKeyIsRefusedAndWhatRunsGoesOn) {
  UseCertificate(authority_.Issue("server"));
  UseKeys(absl::StrCat("web ", kAbcHash, "\njob ", kNothingHash));
  Start();
  access_.api_key = "abc";
  engine_->Block();
  auto stub = Stub();
  Call running(stub.get());
  running.ReadUntil("started");
  UseKeys(absl::StrCat("job ", kNothingHash));
  Call late(stub.get());
  EXPECT_EQ(late.Finish().error_code(), grpc::StatusCode::UNAUTHENTICATED);
  engine_->Release();
  EXPECT_TRUE(running.Finish().ok());
  UseKeys("broken");
  EXPECT_EQ(Generate().code(), absl::StatusCode::kUnauthenticated);
  UseKeys(absl::StrCat("web ", kAbcHash));
  EXPECT_TRUE(Generate().ok());
}

TEST_F(CallersTest, AKeysPriorityIsKept) {
  UseCertificate(authority_.Issue("server"));
  UseKeys(absl::StrCat("web ", kAbcHash, " priority=1"));
  Start();
  access_.api_key = "abc";
  EXPECT_TRUE(Generate(Priority(1)).ok());
  EXPECT_EQ(Generate(Priority(2)).code(), absl::StatusCode::kPermissionDenied);
}

TEST_F(CallersTest, AKeySaysWhetherItsCallerMayChangeModels) {
  options_.model_store.admin = true;
  UseCertificate(authority_.Issue("server"));
  UseKeys(absl::StrCat("ops ", kAbcHash, " admin\nweb ", kNothingHash));
  Start();
  EXPECT_EQ(Unload("unknown").code(), absl::StatusCode::kUnauthenticated);
  access_.api_key = "abc";
  EXPECT_EQ(Unload("unknown").code(), absl::StatusCode::kNotFound);
  UseKeys(absl::StrCat("ops ", kNothingHash, " admin\nweb ", kAbcHash));
  const absl::Status refused = Unload("unknown");
  EXPECT_EQ(refused.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(refused.message(), HasSubstr("web"));
}

// Kubelet has no key.
TEST_F(CallersTest, HealthNeedsNoKey) {
  UseCertificate(authority_.Issue("server"));
  UseKeys(absl::StrCat("web ", kAbcHash));
  Start();
  EXPECT_EQ(ListModels().code(), absl::StatusCode::kUnauthenticated);
  grpc::ClientContext context;
  grpc::health::v1::HealthCheckResponse response;
  const grpc::Status status =
      grpc::health::v1::Health::NewStub(Channel())->Check(&context, {},
                                                          &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.status(), grpc::health::v1::HealthCheckResponse::SERVING);
}

TEST_F(CallersTest, AKeysRateIsKept) {
  UseCertificate(authority_.Issue("server"));
  UseKeys(absl::StrCat("web ", kAbcHash, " requests-per-minute=1\njob ",
                       kNothingHash));
  Start();
  access_.api_key = "abc";
  EXPECT_TRUE(Generate().ok());
  const absl::Status hasty = Generate();
  EXPECT_EQ(hasty.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(hasty.message(), HasSubstr("1 requests per minute"));
  EXPECT_GT(RetryDelay(hasty), absl::ZeroDuration());
  EXPECT_LE(RetryDelay(hasty), absl::Minutes(1));
  // Only requests for images count.
  EXPECT_TRUE(ListModels().ok());
}

TEST_F(CallersTest, WhatIsNotValidCountsAgainstTheRateToo) {
  UseCertificate(authority_.Issue("server"));
  UseKeys(absl::StrCat("web ", kAbcHash, " requests-per-minute=1"));
  Start();
  access_.api_key = "abc";
  v1::GenerateRequest elsewhere;
  elsewhere.set_model("unknown");
  EXPECT_EQ(Generate(elsewhere).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Generate(elsewhere).code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(CallersTest, AKeysImagesAreKeptUntilTheirRequestEnds) {
  UseCertificate(authority_.Issue("server"));
  UseKeys(absl::StrCat("web ", kAbcHash, " images=2"));
  Start();
  access_.api_key = "abc";
  v1::GenerateRequest endless = Endless();
  endless.set_request_id("mine");
  endless.set_num_images(2);
  auto stub = Stub();
  Call running(stub.get(), endless);
  running.ReadUntil("started");
  const absl::Status busy = Generate();
  EXPECT_EQ(busy.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(busy.message(), HasSubstr("images at once"));
  EXPECT_GT(RetryDelay(busy), absl::ZeroDuration());
  EXPECT_TRUE(Cancel("mine").ok());
  EXPECT_TRUE(Generate().ok());

  v1::GenerateRequest pair;
  pair.set_num_images(2);
  pair.set_seed(5);
  EXPECT_TRUE(Generate(pair).ok());
  engine_->FailStep(5, 1, absl::InternalError("NaN in the latents"));
  EXPECT_EQ(Generate(pair).code(), absl::StatusCode::kInternal);
  EXPECT_TRUE(Generate().ok());
  pair.set_num_images(3);
  EXPECT_EQ(Generate(pair).code(), absl::StatusCode::kPermissionDenied);
}

}  // namespace
}  // namespace ella
