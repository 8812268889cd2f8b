#include "server/rpc/request_validation.h"

#include <cmath>
#include <functional>

#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "server/rpc/grpc_status.h"
#include "tests/fakes/fake_engine.h"

namespace ella {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

FakeEngine* TheEngine() {
  static FakeEngine engine;
  return &engine;
}

absl::StatusOr<ValidRequest> Validate(const v1::GenerateRequest& request) {
  RequestLimits limits;
  limits.max_prompt_tokens = 4;
  return ValidateRequest(request, *TheEngine(), limits, /*drawn_seed=*/77);
}

std::vector<std::string> BadFields(const absl::Status& status) {
  google::rpc::Status details;
  EXPECT_TRUE(details.ParseFromString(ToGrpcStatus(status).error_details()));
  google::rpc::BadRequest bad;
  if (details.details_size() == 1) details.details(0).UnpackTo(&bad);
  std::vector<std::string> fields;
  for (const auto& violation : bad.field_violations()) {
    fields.push_back(violation.field());
  }
  return fields;
}

TEST(RequestValidationTest, AbsentFieldsTakeTheDefaults) {
  absl::StatusOr<ValidRequest> valid = Validate({});
  ASSERT_TRUE(valid.ok()) << valid.status();
  const GenerationParams& params = valid->params;
  EXPECT_EQ(params.model, "default");
  EXPECT_EQ(params.conditioning, Conditioning::kElla);
  EXPECT_FALSE(params.fixed_negative);
  EXPECT_EQ(params.width, 16);
  EXPECT_EQ(params.height, 16);
  EXPECT_EQ(params.steps, 3);
  EXPECT_EQ(params.num_images, 1);
  EXPECT_EQ(params.seed, 77);
  EXPECT_EQ(params.guidance_scale, 10);
  EXPECT_EQ(params.sampler, "dpmpp_2m");
  EXPECT_EQ(valid->preview.every_steps, 0);
}

TEST(RequestValidationTest, GivenFieldsArrive) {
  v1::GenerateRequest request;
  request.set_request_id(std::string(128, 'a'));
  request.set_model("default");
  request.set_prompt("a b");
  request.set_negative_prompt("c");
  request.set_conditioning(v1::CONDITIONING_ELLA);
  request.set_fixed_negative(true);
  request.set_width(64);
  request.set_height(8);
  request.set_steps(1000);
  request.set_num_images(8);
  request.set_seed(0);
  request.set_guidance_scale(0);
  request.set_sampler("euler");
  request.set_image_format(v1::IMAGE_FORMAT_PNG);
  request.mutable_preview()->set_every_steps(2);
  request.mutable_preview()->set_max_side(4000000000u);
  request.mutable_preview()->set_kind(v1::PREVIEW_KIND_VAE);
  absl::StatusOr<ValidRequest> valid = Validate(request);
  ASSERT_TRUE(valid.ok()) << valid.status();
  const GenerationParams& params = valid->params;
  EXPECT_EQ(params.prompt, "a b");
  EXPECT_EQ(params.negative_prompt, "c");
  EXPECT_TRUE(params.fixed_negative);
  EXPECT_EQ(params.width, 64);
  EXPECT_EQ(params.height, 8);
  EXPECT_EQ(params.steps, 1000);
  EXPECT_EQ(params.num_images, 8);
  EXPECT_EQ(params.seed, 0);
  EXPECT_EQ(params.guidance_scale, 0);
  EXPECT_EQ(params.sampler, "euler");
  EXPECT_EQ(valid->preview.every_steps, 2);
  EXPECT_EQ(valid->preview.max_side, 2147483647);
  EXPECT_EQ(valid->preview.kind, PreviewKind::kVae);
}

struct BadCase {
  const char* name;
  std::function<void(v1::GenerateRequest*)> spoil;
  std::vector<std::string> fields;
  std::string message;
};

class BadRequestTest : public ::testing::TestWithParam<BadCase> {};

TEST_P(BadRequestTest, IsRefused) {
  v1::GenerateRequest request;
  GetParam().spoil(&request);
  const absl::Status status = Validate(request).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(BadFields(status), GetParam().fields);
  EXPECT_THAT(status.message(), HasSubstr(GetParam().message));
}

using R = v1::GenerateRequest*;
INSTANTIATE_TEST_SUITE_P(
    Fields, BadRequestTest,
    ::testing::ValuesIn(std::vector<BadCase>{
        {"IdTooLong",
         [](R r) { r->set_request_id(std::string(129, 'a')); },
         {"request_id"},
         "at most 128 printable ASCII"},
        {"IdNotAscii",
         [](R r) { r->set_request_id("\xc3\xa9"); },
         {"request_id"},
         "\\xc3\\xa9"},
        {"IdNotPrintable",
         [](R r) { r->set_request_id("a\n"); },
         {"request_id"},
         "a\\n"},
        {"PromptNotUtf8",
         [](R r) { r->set_prompt("\xff"); },
         {"prompt"},
         "prompt must be valid UTF-8"},
        {"PromptWithNul",
         [](R r) { r->set_prompt(std::string("a\0b", 3)); },
         {"prompt"},
         "NUL"},
        {"PromptTooLong",
         [](R r) { r->set_prompt("a b c d"); },
         {"prompt"},
         "prompt must have at most 4 tokens, had 5"},
        {"NegativeNotUtf8",
         [](R r) { r->set_negative_prompt("\xff"); },
         {"negative_prompt"},
         "UTF-8"},
        {"NegativeTooLong",
         [](R r) { r->set_negative_prompt("a b c d"); },
         {"negative_prompt"},
         "had 5"},
        {"UnknownConditioning",
         [](R r) { r->set_conditioning(static_cast<v1::Conditioning>(9)); },
         {"conditioning"},
         "was 9"},
        {"FixedNegativeWithClip",
         [](R r) {
           r->set_conditioning(v1::CONDITIONING_CLIP);
           r->set_fixed_negative(true);
         },
         {"fixed_negative"},
         "CONDITIONING_CLIP"},
        {"FixedNegativeWithFixed",
         [](R r) {
           r->set_conditioning(v1::CONDITIONING_ELLA_FIXED);
           r->set_fixed_negative(true);
         },
         {"fixed_negative"},
         "CONDITIONING_ELLA_FIXED"},
        {"WidthZero",
         [](R r) { r->set_width(0); },
         {"width"},
         "width must be a multiple of 8, was 0"},
        {"HeightNotMultiple",
         [](R r) { r->set_height(513); },
         {"height"},
         "height must be a multiple of 8, was 513"},
        {"TooManyPixels",
         [](R r) {
           r->set_width(7);
           r->set_height(100000);
         },
         {"width"},
         "was 7"},
        {"TooManyPixelsForInt",
         [](R r) {
           r->set_width(4294967288u);
           r->set_height(4294967288u);
         },
         {"width", "height"},
         "at most 1048576 pixels"},
        {"PixelsThatWrapAround",
         [](R r) {
           r->set_width(65536);
           r->set_height(65536);
         },
         {"width", "height"},
         "65536x65536"},
        {"StepsZero",
         [](R r) { r->set_steps(0); },
         {"steps"},
         "steps must be 1 to 1000, was 0"},
        {"StepsTooMany",
         [](R r) { r->set_steps(10000); },
         {"steps"},
         "was 10000"},
        {"StepsHuge",
         [](R r) { r->set_steps(4294967295u); },
         {"steps"},
         "was 4294967295"},
        {"ImagesZero",
         [](R r) { r->set_num_images(0); },
         {"num_images"},
         "1 to 8, was 0"},
        {"ImagesTooMany",
         [](R r) { r->set_num_images(9); },
         {"num_images"},
         "was 9"},
        {"GuidanceNan",
         [](R r) { r->set_guidance_scale(std::nanf("")); },
         {"guidance_scale"},
         "0 to 100, was nan"},
        {"GuidanceInfinite",
         [](R r) { r->set_guidance_scale(INFINITY); },
         {"guidance_scale"},
         "was inf"},
        {"GuidanceNegative",
         [](R r) { r->set_guidance_scale(-0.5f); },
         {"guidance_scale"},
         "was -0.5"},
        {"GuidanceTooLarge",
         [](R r) { r->set_guidance_scale(100.5f); },
         {"guidance_scale"},
         "was 100.5"},
        {"UnknownSampler",
         [](R r) { r->set_sampler("lms"); },
         {"sampler"},
         "one of dpmpp_2m, ddim, euler, was \"lms\""},
        {"UnknownFormat",
         [](R r) { r->set_image_format(static_cast<v1::ImageFormat>(5)); },
         {"image_format"},
         "was 5"},
        {"UnknownPreviewKind",
         [](R r) {
           r->mutable_preview()->set_kind(static_cast<v1::PreviewKind>(5));
         },
         {"preview.kind"},
         "was 5"},
    }),
    [](const auto& info) { return info.param.name; });

TEST(RequestValidationTest, AllBadFieldsAreNamedAtOnce) {
  v1::GenerateRequest request;
  request.set_request_id("\x01");
  request.set_prompt("\xff");
  request.set_negative_prompt("a b c d");
  request.set_conditioning(static_cast<v1::Conditioning>(9));
  request.set_width(3);
  request.set_height(5);
  request.set_steps(0);
  request.set_num_images(0);
  request.set_guidance_scale(-1);
  request.set_sampler("none");
  request.mutable_preview()->set_kind(static_cast<v1::PreviewKind>(5));
  request.set_image_format(static_cast<v1::ImageFormat>(5));
  EXPECT_THAT(BadFields(Validate(request).status()),
              UnorderedElementsAre("request_id", "prompt", "negative_prompt",
                                   "conditioning", "width", "height", "steps",
                                   "num_images", "guidance_scale", "sampler",
                                   "preview.kind", "image_format"));
}

TEST(RequestValidationTest, LongTextsPassWhereTheyAreCutOrUnused) {
  v1::GenerateRequest request;
  request.set_prompt("a b c d e f");
  request.set_conditioning(v1::CONDITIONING_ELLA_FIXED);
  EXPECT_TRUE(Validate(request).ok());
  request.set_conditioning(v1::CONDITIONING_CLIP);
  EXPECT_TRUE(Validate(request).ok());

  request.set_conditioning(v1::CONDITIONING_ELLA);
  request.set_prompt("a b c");
  request.set_negative_prompt("a b c d e f");
  EXPECT_THAT(BadFields(Validate(request).status()),
              ElementsAre("negative_prompt"));
  request.set_fixed_negative(true);
  EXPECT_TRUE(Validate(request).ok());
  request.set_fixed_negative(false);
  request.set_guidance_scale(1);
  EXPECT_TRUE(Validate(request).ok());
}

}  // namespace
}  // namespace ella
