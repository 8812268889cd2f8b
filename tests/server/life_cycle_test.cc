// gRPC's health service, the drain, and a device that fails for good.
#include <thread>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/generic/generic_stub.h"
#include "tests/server/server_fixture.h"

namespace ella {
namespace {

using ::grpc::health::v1::Health;
using ::grpc::health::v1::HealthCheckRequest;
using ::grpc::health::v1::HealthCheckResponse;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const char* const kNames[] = {"", "ella.v1.TextToImageService",
                              "ella.v1.TextToImageService/default"};

HealthCheckRequest About(const std::string& service) {
  HealthCheckRequest request;
  request.set_service(service);
  return request;
}

class LifeCycleTest : public ServerFixture {
 protected:
  HealthCheckResponse::ServingStatus Check(const std::string& service) {
    grpc::ClientContext context;
    HealthCheckResponse response;
    const grpc::Status status =
        Health::NewStub(channel_)->Check(&context, About(service), &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.status();
  }

  // The names of the server's services, as reflection tells; or why not.
  std::string ServicesByReflection() {
    const grpc::Slice list_services("\x3a\x00", 2);
    const grpc::ByteBuffer request(&list_services, 1);
    grpc::ByteBuffer response;
    grpc::ClientContext context;
    absl::Notification done;
    grpc::Status status;
    grpc::GenericStub(channel_).UnaryCall(
        &context,
        "/grpc.reflection.v1alpha.ServerReflection/"
        "ServerReflectionInfo",
        {}, &request, &response, [&](grpc::Status result) {
          status = result;
          done.Notify();
        });
    done.WaitForNotification();
    if (!status.ok()) return status.error_message();
    std::vector<grpc::Slice> slices;
    EXPECT_TRUE(response.Dump(&slices).ok());
    std::string text;
    for (const grpc::Slice& slice : slices) {
      text.append(slice.begin(), slice.end());
    }
    return text;
  }
};

TEST_F(LifeCycleTest, HealthKnowsServerServiceAndModel) {
  StartServer();
  for (const char* name : kNames) {
    EXPECT_EQ(Check(name), HealthCheckResponse::SERVING) << name;
  }
  grpc::ClientContext context;
  HealthCheckResponse response;
  EXPECT_EQ(Health::NewStub(channel_)
                ->Check(&context, About("nobody"), &response)
                .error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST_F(LifeCycleTest, ADrainIsSeenByHealthWhileRequestsGoOn) {
  StartServer();
  engine_->Block();
  Call running(stub_.get());
  running.ReadUntil("started");
  const auto health = Health::NewStub(channel_);
  grpc::ClientContext context;
  const auto watch = health->Watch(&context, About(""));
  HealthCheckResponse seen;
  ASSERT_TRUE(watch->Read(&seen));
  EXPECT_EQ(seen.status(), HealthCheckResponse::SERVING);

  std::thread drain([&] { server_->Drain(absl::Minutes(1)); });
  ASSERT_TRUE(watch->Read(&seen));
  EXPECT_EQ(seen.status(), HealthCheckResponse::NOT_SERVING);
  for (const char* name : kNames) {
    EXPECT_EQ(Check(name), HealthCheckResponse::NOT_SERVING) << name;
  }
  context.TryCancel();
  watch->Finish();
  engine_->Release();
  EXPECT_TRUE(running.Finish().ok());
  drain.join();
}

TEST_F(LifeCycleTest, DrainFinishesWhatRunsAndRefusesTheRest) {
  StartServer();
  engine_->Block();
  Call running(stub_.get());
  running.ReadUntil("started");
  Call waiting(stub_.get());
  EXPECT_EQ(waiting.Read(), "queued 1");
  std::thread drain([&] { server_->Drain(absl::Minutes(1)); });
  EXPECT_EQ(waiting.Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  Call late(stub_.get());
  EXPECT_EQ(late.Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  engine_->Release();
  EXPECT_TRUE(running.Finish().ok());
  drain.join();
}

TEST_F(LifeCycleTest, DrainEndsWhatTakesTooLong) {
  StartServer();
  Call running(stub_.get(), Endless());
  running.ReadUntil("started");
  server_->Drain(absl::ZeroDuration());
  EXPECT_EQ(running.Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(engine_->rows_alive(), 0);
}

TEST_F(LifeCycleTest, HurryEndsADrain) {
  StartServer();
  Call running(stub_.get(), Endless());
  running.ReadUntil("started");
  std::thread drain([&] { server_->Drain(absl::Hours(1)); });
  server_->Hurry();
  EXPECT_EQ(running.Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  drain.join();
}

TEST_F(LifeCycleTest, ALostDeviceEndsAllWithACodeToRetry) {
  StartServer();
  engine_->FailStep(/*seed=*/7, /*step=*/1,
                    absl::UnavailableError("CUDA error: 700"));
  engine_->Block();
  v1::GenerateRequest request;
  request.set_seed(7);
  Call meets(stub_.get(), request);
  meets.ReadUntil("started");
  Call waits(stub_.get());
  EXPECT_EQ(waits.Read(), "queued 1");
  engine_->Release();
  for (Call* call : {&meets, &waits}) {
    const grpc::Status status = call->Finish();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_THAT(status.error_message(), HasSubstr("device has failed"));
    EXPECT_THAT(status.error_message(), Not(HasSubstr("CUDA")));
  }
  Call late(stub_.get());
  EXPECT_EQ(late.Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  server_->Drain(absl::Minutes(1));
  EXPECT_THAT(lost(), ElementsAre(absl::UnavailableError("CUDA error: 700")));
}

TEST_F(LifeCycleTest, ALostDeviceIsSeenByHealth) {
  StartServer();
  const auto health = Health::NewStub(channel_);
  grpc::ClientContext context;
  const auto watch = health->Watch(&context, About(""));
  HealthCheckResponse seen;
  ASSERT_TRUE(watch->Read(&seen));
  engine_->FailEncode("", absl::UnavailableError("CUDA error: 700"));
  EXPECT_FALSE(Call(stub_.get()).Finish().ok());
  ASSERT_TRUE(watch->Read(&seen));
  EXPECT_EQ(seen.status(), HealthCheckResponse::NOT_SERVING);
  context.TryCancel();
  watch->Finish();
}

TEST_F(LifeCycleTest, ReflectionIsOffByDefault) {
  StartServer();
  EXPECT_THAT(ServicesByReflection(), Not(HasSubstr("ella.v1")));
}

TEST_F(LifeCycleTest, ReflectionNamesTheServices) {
  options_.connection.reflection = true;
  StartServer();
  EXPECT_THAT(ServicesByReflection(), HasSubstr("ella.v1.TextToImageService"));
}

}  // namespace
}  // namespace ella
