// Models that come and go while a server serves: a real gRPC server and client,
// fake engines.
#include <atomic>
#include <thread>

#include "ella/v1/model_admin.grpc.pb.h"
#include "gmock/gmock.h"
#include "image/image_metadata.h"
#include "image/png_codec.h"
#include "tests/server/server_fixture.h"

namespace ella {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The fingerprint is the model's source.
std::unique_ptr<FakeEngine> EngineOf(const EngineOptions& options) {
  auto engine = std::make_unique<FakeEngine>();
  engine->SetModel(options.name, 1 << 20, options.model);
  return engine;
}

absl::StatusOr<std::unique_ptr<Engine>> MakeEngine(
    const EngineOptions& options) {
  if (options.model == "missing") {
    return absl::NotFoundError("missing/unet/config.json: no such file");
  }
  return EngineOf(options);
}

class ModelAdminTest : public ServerFixture {
 protected:
  void StartServer(bool admin = true) {
    options_.models[0].model = "first";
    options_.model_store.admin = admin;
    // The default: two images share a step.
    options_.batch.max_batch_rows = BatchOptions().max_batch_rows;
    const absl::Status status =
        TryStart(EngineOf(options_.models[0]), MakeEngine);
    ASSERT_TRUE(status.ok()) << status;
    admin_ = v1::ModelAdminService::NewStub(channel_);
  }
  // The first engine may be gone.
  void TearDown() override {}

  grpc::Status Load(const std::string& name, const std::string& source) {
    grpc::ClientContext context;
    v1::LoadModelRequest request;
    request.set_name(name);
    request.set_source(source);
    return admin_->LoadModel(&context, request, &loaded_);
  }

  grpc::Status Unload(const std::string& name) {
    grpc::ClientContext context;
    v1::UnloadModelRequest request;
    request.set_name(name);
    v1::UnloadModelResponse response;
    return admin_->UnloadModel(&context, request, &response);
  }

  std::vector<std::string> Models() {
    grpc::ClientContext context;
    v1::ListModelsResponse response;
    EXPECT_TRUE(stub_->ListModels(&context, {}, &response).ok());
    std::vector<std::string> models;
    for (const v1::Model& model : response.models()) {
      models.push_back(model.name() + " " + model.fingerprint());
    }
    return models;
  }

  static std::string FingerprintOf(const v1::GeneratedImage& image) {
    return MetadataFromTexts(DecodePng(image.image().data())->texts)
        ->model_fingerprint;
  }

  // The fingerprint of the model that drew an image, or an error.
  absl::StatusOr<std::string> Draw(const std::string& model = "") {
    grpc::ClientContext context;
    v1::GenerateImagesRequest request;
    request.mutable_request()->set_model(model);
    v1::GenerateImagesResponse response;
    const grpc::Status status =
        stub_->GenerateImages(&context, request, &response);
    if (!status.ok()) {
      return absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                          status.error_message());
    }
    return FingerprintOf(response.images(0));
  }

  std::unique_ptr<v1::ModelAdminService::Stub> admin_;
  v1::LoadModelResponse loaded_;
};

TEST_F(ModelAdminTest, WithoutTheFlagThereIsNoSuchService) {
  StartServer(/*admin=*/false);
  EXPECT_EQ(Load("b", "second").error_code(), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_THAT(Models(), ElementsAre("default first"));
}

TEST_F(ModelAdminTest, ASwapUnderLoadLosesNoRequest) {
  StartServer();
  std::atomic<bool> stop{false};
  std::atomic<int> drawn{0}, lost{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      while (!stop) ++(Draw().ok() ? drawn : lost);
    });
  }
  for (int i = 0; i < 20; ++i) {
    const std::string source = absl::StrCat("swap ", i);
    ASSERT_TRUE(Load("default", source).ok());
    const absl::StatusOr<std::string> drew = Draw();
    ASSERT_TRUE(drew.ok()) << drew.status();
    EXPECT_EQ(*drew, source);
  }
  stop = true;
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(lost, 0);
  EXPECT_GT(drawn, 0);
}

TEST_F(ModelAdminTest, ARequestKeepsTheModelThatItBeganWith) {
  StartServer();
  engine_->Block();
  Call running(stub_.get());
  running.ReadUntil("started");
  ASSERT_TRUE(Load("default", "second").ok());
  EXPECT_EQ(loaded_.model().fingerprint(), "second");
  EXPECT_EQ(loaded_.model().state(), v1::MODEL_STATE_LOADED);
  EXPECT_EQ(loaded_.model().weight_bytes(), 1u << 20);
  // Both wait for a step: had they shared it, the old model would have drawn
  // the second, or failed on a row that isn't its own.
  Call next(stub_.get());
  EXPECT_THAT(next.Read(), HasSubstr("queued"));
  engine_->Release();
  running.ReadUntil("image 0");
  EXPECT_EQ(FingerprintOf(running.message.image()), "first");
  EXPECT_TRUE(running.Finish().ok());
  next.ReadUntil("image 0");
  EXPECT_EQ(FingerprintOf(next.message.image()), "second");
  EXPECT_TRUE(next.Finish().ok());
}

TEST_F(ModelAdminTest, AFailedLoadLeavesAllAsItWas) {
  StartServer();
  const grpc::Status failed = Load("default", "missing");
  EXPECT_EQ(failed.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(failed.error_message(), HasSubstr("config.json"));
  EXPECT_EQ(Load("b", "missing").error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(Models(), ElementsAre("default first"));
  EXPECT_EQ(*Draw(), "first");
  const grpc::Status bad = Load("a/b", "");
  EXPECT_EQ(bad.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(bad.error_message(), HasSubstr("name must be"));
  EXPECT_THAT(bad.error_message(), HasSubstr("source must"));
}

TEST_F(ModelAdminTest, ModelsComeAndGo) {
  StartServer();
  ASSERT_TRUE(Load("b", "second").ok());
  EXPECT_THAT(Models(), ElementsAre("default first", "b second"));
  EXPECT_EQ(*Draw("b"), "second");
  EXPECT_TRUE(Unload("default").ok());
  EXPECT_THAT(Models(), ElementsAre("b second"));
  EXPECT_EQ(*Draw(), "second");
  EXPECT_EQ(Draw("default").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Unload("b").error_code(), grpc::StatusCode::FAILED_PRECONDITION);

  grpc::ClientContext context;
  v1::ListModelStatusesResponse response;
  ASSERT_TRUE(admin_->ListModelStatuses(&context, {}, &response).ok());
  ASSERT_EQ(response.models_size(), 1);
  EXPECT_EQ(response.models(0).name(), "b");
  EXPECT_EQ(response.models(0).source(), "second");
  EXPECT_EQ(response.budget_bytes(), 0u);
}

TEST(IsLocalPeerTest, OnlyLoopbackIs) {
  for (const char* local : {"ipv4:127.0.0.1:4242", "ipv6:[::1]:4242",
                            "ipv6:%5B::1%5D:4242", "unix:/run/ella.sock"}) {
    EXPECT_TRUE(IsLocalPeer(local)) << local;
  }
  for (const char* other :
       {"", "ipv4:10.127.0.1:4242", "ipv4:1.2.3.4:127", "ipv6:[::1:2]:4242",
        "ipv6:%5B2001:db8::1%5D:4242"}) {
    EXPECT_FALSE(IsLocalPeer(other)) << other;
  }
}

}  // namespace
}  // namespace ella
