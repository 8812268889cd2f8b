// The whole server in one process: a real gRPC server and client, a fake
// engine.
#include "server/server.h"


#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "image/image_metadata.h"
#include "image/png_codec.h"
#include "tests/server/server_fixture.h"

namespace ella {
namespace {

using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class ServerTest : public ServerFixture {
 protected:
  void SetUp() override {
    options_.queue.max_queue = 2;
    StartServer();
  }

  static v1::GenerateRequest Named(const std::string& id) {
    v1::GenerateRequest request;
    request.set_request_id(id);
    return request;
  }
};

TEST_F(ServerTest, EventsComeInOrder) {
  v1::GenerateRequest request = Named("mine");
  request.set_prompt("a cat");
  request.set_seed(41);
  request.set_steps(2);
  request.mutable_preview()->set_every_steps(1);
  engine_->Block();
  Call call(stub_.get(), request);
  EXPECT_EQ(call.Read(), "queued 0");
  EXPECT_EQ(call.message.queued().request_id(), "mine");
  EXPECT_EQ(call.Read(), "started");
  EXPECT_EQ(call.message.started().prompt_tokens().given(), 3);
  EXPECT_EQ(call.message.started().negative_prompt_tokens().given(), 1);
  engine_->AllowSteps(1);
  EXPECT_EQ(call.Read(), "progress 0 1");
  EXPECT_EQ(call.message.progress().steps(), 2);
  EXPECT_EQ(call.Read(), "preview 0 1");
  EXPECT_EQ(call.message.preview().image().width(), 2);
  EXPECT_TRUE(DecodePng(call.message.preview().image().data()).ok());
  engine_->Release();
  call.ReadUntil("image 0");
  EXPECT_EQ(call.message.image().seed(), 41);
  EXPECT_EQ(call.message.image().image().format(), v1::IMAGE_FORMAT_PNG);
  EXPECT_EQ(call.message.image().image().width(), 16);
  absl::StatusOr<DecodedPng> png =
      DecodePng(call.message.image().image().data());
  ASSERT_TRUE(png.ok()) << png.status();
  EXPECT_EQ(png->image.pixels[0], 41);
  absl::StatusOr<ImageMetadata> metadata = MetadataFromTexts(png->texts);
  ASSERT_TRUE(metadata.ok()) << metadata.status();
  EXPECT_EQ(metadata->params.prompt, "a cat");
  EXPECT_EQ(metadata->model_fingerprint, "0123");
  EXPECT_EQ(call.Read(), "done");
  EXPECT_EQ(call.message.done().mean_batch_rows(), 2);
  EXPECT_EQ(call.Read(), "");
  EXPECT_TRUE(call.Finish().ok());
}

TEST_F(ServerTest, EachImageHasItsOwnSeed) {
  v1::GenerateRequest request;
  request.set_num_images(3);
  request.set_seed(4294967295u);
  Call call(stub_.get(), request);
  std::map<int, uint32_t> seeds;
  while (call.Read() != "") {
    if (!call.message.has_image()) continue;
    const v1::GeneratedImage& image = call.message.image();
    seeds[image.image_index()] = image.seed();
    absl::StatusOr<ImageMetadata> metadata =
        MetadataFromTexts(DecodePng(image.image().data())->texts);
    EXPECT_EQ(metadata->params.seed, image.seed());
  }
  EXPECT_EQ(seeds, (std::map<int, uint32_t>{{0, 4294967295u}, {1, 0}, {2, 1}}));
  EXPECT_TRUE(call.Finish().ok());
}

TEST_F(ServerTest, AServerMadeIdAndSeedAreReported) {
  std::set<std::string> ids;
  std::set<uint32_t> seeds;
  for (int i = 0; i < 2; ++i) {
    Call call(stub_.get());
    EXPECT_EQ(call.Read(), "queued 0");
    ids.insert(call.message.queued().request_id());
    EXPECT_THAT(call.message.queued().request_id(), SizeIs(32));
    call.ReadUntil("image 0");
    seeds.insert(call.message.image().seed());
    EXPECT_TRUE(call.Finish().ok());
  }
  EXPECT_THAT(ids, SizeIs(2));
  EXPECT_THAT(seeds, SizeIs(2));
}

TEST_F(ServerTest, GenerateImagesGivesTheSameWithoutAStream) {
  grpc::ClientContext context;
  v1::GenerateImagesRequest request;
  *request.mutable_request() = Named("mine");
  request.mutable_request()->set_num_images(2);
  request.mutable_request()->set_seed(5);
  request.mutable_request()->mutable_preview()->set_every_steps(1);
  v1::GenerateImagesResponse response;
  ASSERT_TRUE(stub_->GenerateImages(&context, request, &response).ok());
  EXPECT_EQ(response.request_id(), "mine");
  ASSERT_EQ(response.images_size(), 2);
  EXPECT_EQ(response.images(1).seed(), 6);
  EXPECT_EQ(DecodePng(response.images(1).image().data())->image.pixels[0], 6);
  EXPECT_EQ(response.done().mean_batch_rows(), 2);
  EXPECT_THAT(engine_->preview_sides(), SizeIs(0));
}

TEST_F(ServerTest, GenerateImagesFailsWithTheStatus) {
  engine_->FailStep(5, 2, absl::InternalError("NaN in the latents"));
  grpc::ClientContext context;
  v1::GenerateImagesRequest request;
  request.mutable_request()->set_seed(5);
  v1::GenerateImagesResponse response;
  grpc::Status status = stub_->GenerateImages(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_EQ(status.error_message(), "NaN in the latents");
}

TEST_F(ServerTest, BadFieldsAreNamedAllAtOnce) {
  v1::GenerateRequest request;
  request.set_width(7);
  request.set_steps(0);
  request.set_sampler("none");
  Call call(stub_.get(), request);
  grpc::Status status = call.Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  google::rpc::Status details;
  ASSERT_TRUE(details.ParseFromString(status.error_details()));
  google::rpc::BadRequest bad;
  ASSERT_TRUE(details.details(0).UnpackTo(&bad));
  ASSERT_EQ(bad.field_violations_size(), 3);
  EXPECT_EQ(bad.field_violations(0).field(), "width");
}

TEST_F(ServerTest, ListModelsTellsWhatMayBeAsked) {
  grpc::ClientContext context;
  v1::ListModelsResponse response;
  ASSERT_TRUE(stub_->ListModels(&context, {}, &response).ok());
  ASSERT_EQ(response.models_size(), 1);
  const v1::Model& model = response.models(0);
  EXPECT_EQ(model.name(), "default");
  EXPECT_EQ(model.fingerprint(), "0123");
  EXPECT_EQ(model.device(), "cpu");
  EXPECT_EQ(model.dtype(), "float32");
  EXPECT_EQ(model.t5_dtype(), "float16");
  EXPECT_EQ(model.samplers_size(), 3);
  EXPECT_EQ(model.conditionings_size(), 3);
  EXPECT_EQ(model.limits().max_pixels(), 1048576);
  EXPECT_EQ(model.limits().size_multiple(), 8);
  EXPECT_EQ(model.limits().max_steps(), kEndless);
  EXPECT_EQ(model.limits().max_images(), 8);
  EXPECT_EQ(model.limits().max_prompt_tokens(), 512);
  EXPECT_EQ(model.limits().max_guidance_scale(), 100);
  EXPECT_EQ(model.defaults().width(), 16);
  EXPECT_EQ(model.defaults().steps(), 3);
  EXPECT_EQ(model.defaults().sampler(), "dpmpp_2m");
}

TEST_F(ServerTest, CancelAnswersWhenTheWorkHasStopped) {
  v1::GenerateRequest request = Endless();
  request.set_request_id("mine");
  Call call(stub_.get(), request);
  call.ReadUntil("started");
  grpc::Status cancelled = Cancel(stub_.get(), "mine");
  EXPECT_EQ(engine_->rows_alive(), 0);
  EXPECT_TRUE(cancelled.ok()) << cancelled.error_message();
  EXPECT_EQ(call.Finish().error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_EQ(Cancel(stub_.get(), "mine").error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST_F(ServerTest, CancelOfNothingIsNotFound) {
  grpc::Status status = Cancel(stub_.get(), "nobody's");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(status.error_message(), HasSubstr("nobody"));
}

TEST_F(ServerTest, AnIdInUseIsRefused) {
  engine_->Block();
  Call call(stub_.get(), Named("mine"));
  call.ReadUntil("started");
  Call twin(stub_.get(), Named("mine"));
  EXPECT_EQ(twin.Finish().error_code(), grpc::StatusCode::ALREADY_EXISTS);
  engine_->Release();
  EXPECT_TRUE(call.Finish().ok());
  Call later(stub_.get(), Named("mine"));
  EXPECT_TRUE(later.Finish().ok());
}

TEST_F(ServerTest, ADeadlineStopsTheWork) {
  Call call(stub_.get(), Endless(), absl::Milliseconds(300));
  EXPECT_EQ(call.Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  engine_->WaitForRows(0);
}

TEST_F(ServerTest, AClientWhoGoesStopsTheWork) {
  const auto stub = v1::TextToImageService::NewStub(NewChannel());
  Call call(stub.get(), Endless());
  call.ReadUntil("started");
  call.context.TryCancel();
  engine_->WaitForRows(0);
  Call next(stub_.get());
  EXPECT_TRUE(next.Finish().ok());
}

TEST_F(ServerTest, AFullQueueRefusesWithARetryDelay) {
  engine_->Block();
  Call running(stub_.get());
  running.ReadUntil("started");
  Call first(stub_.get()), second(stub_.get());
  EXPECT_THAT(first.Read(), AnyOf("queued 1", "queued 2"));
  EXPECT_THAT(second.Read(), AnyOf("queued 1", "queued 2"));
  Call refused(stub_.get());
  grpc::Status status = refused.Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  google::rpc::Status details;
  ASSERT_TRUE(details.ParseFromString(status.error_details()));
  google::rpc::RetryInfo retry;
  ASSERT_TRUE(details.details(0).UnpackTo(&retry));
  EXPECT_GE(
      retry.retry_delay().seconds() * 1000000000 + retry.retry_delay().nanos(),
      100000000);
  engine_->Release();
  EXPECT_TRUE(running.Finish().ok());
  EXPECT_TRUE(first.Finish().ok());
  EXPECT_TRUE(second.Finish().ok());
}

TEST_F(ServerTest, CallsShareTheStepsOfTheirRows) {
  options_.batch.max_batch_rows = 4;
  StartServer();
  Call first(stub_.get(), Endless());
  first.ReadUntil("started");
  v1::GenerateRequest request;
  request.set_prompt("another");
  request.set_sampler("euler");
  Call second(stub_.get(), request);
  EXPECT_TRUE(second.Finish().ok());
  EXPECT_THAT(engine_->batches(), Contains(SizeIs(2)));
}

TEST_F(ServerTest, DoneTellsOfCacheHits) {
  engine_->RememberTexts();
  Call first(stub_.get());
  first.ReadUntil("done");
  EXPECT_EQ(first.message.done().text_cache_hits(), 0);
  Call again(stub_.get());
  again.ReadUntil("done");
  EXPECT_EQ(again.message.done().text_cache_hits(), 2);
  EXPECT_EQ(again.message.done().text_time().seconds(), 0);
  EXPECT_EQ(again.message.done().text_time().nanos(), 0);
}

TEST_F(ServerTest, OneWhoNeverReadsHoldsUpNobody) {
  options_.output.max_unsent_bytes = 100000;
  StartServer();
  v1::GenerateRequest request;
  request.set_width(512);
  request.set_height(512);
  request.set_steps(100);
  request.set_num_images(8);
  request.mutable_preview()->set_every_steps(1);
  Call deaf(stub_.get(), request);
  for (int i = 0; i < 5; ++i) {
    Call call(stub_.get());
    EXPECT_TRUE(call.Finish().ok());
  }
  // What it may still have: the images, and what previews had room.
  int images = 0, previews = 0;
  while (deaf.Read() != "") {
    images += deaf.message.has_image();
    previews += deaf.message.has_preview();
  }
  EXPECT_EQ(images, 8);
  EXPECT_LT(previews, 800);
  EXPECT_TRUE(deaf.Finish().ok());
}

TEST_F(ServerTest, APortInUseIsRefused) {
  ServerOptions options = options_;
  options.listen.grpc = server_->address().ToString();
  std::vector<std::unique_ptr<Engine>> engines;
  engines.push_back(std::make_unique<FakeEngine>());
  absl::Status second =
      Server::Start(options, std::move(engines), &metrics_, &logger_).status();
  EXPECT_EQ(second.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(second.message(), HasSubstr(options.listen.grpc));
}

}  // namespace
}  // namespace ella
