#include "client/generate_request.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "image/image_metadata.h"
#include "image/png_codec.h"
#include "tests/temp_folder.h"

namespace ella {
namespace {

using ::google::protobuf::util::MessageDifferencer;
using ::testing::HasSubstr;

class GenerateRequestTest : public ::testing::Test {
 protected:
  std::string File(const std::string& name, const std::string& bytes) {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

  // A picture with all of its settings.
  std::string Picture() {
    ImageMetadata metadata;
    metadata.params.model = "m";
    metadata.params.prompt = "a fox";
    metadata.params.negative_prompt = "blurry";
    metadata.params.fixed_negative = true;
    metadata.params.width = 64;
    metadata.params.height = 32;
    metadata.params.steps = 7;
    metadata.params.seed = 9;
    metadata.params.guidance_scale = 0.1f;
    metadata.params.sampler = "ddim";
    metadata.model_fingerprint = "abc";
    metadata.version = "1";
    return File("from.png",
                *EncodePng({1, 1, {1, 2, 3}}, MetadataToTexts(metadata)));
  }

  absl::StatusOr<PlannedRequest> Plan(const GenerateOptions& options,
                                      const std::string& input = "") {
    std::istringstream stream(input);
    return PlanRequest(options, stream);
  }

  std::string Refusal(const GenerateOptions& options,
                      const std::string& input = "") {
    const absl::Status status = Plan(options, input).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    return std::string(status.message());
  }

  const TempFolder temp_folder_;
  const std::string& folder_ = temp_folder_.path();
};

TEST_F(GenerateRequestTest, UnsetOptionsAreNotSent) {
  GenerateOptions options;
  options.prompt = "a fox";
  v1::GenerateRequest expected;
  expected.set_prompt("a fox");
  EXPECT_TRUE(MessageDifferencer::Equals(Plan(options)->request, expected));
  options.prompt = "";
  expected.set_prompt("");
  EXPECT_TRUE(MessageDifferencer::Equals(Plan(options)->request, expected));
}

TEST_F(GenerateRequestTest, SetOptionsAreSent) {
  GenerateOptions options;
  options.prompt = "a fox";
  options.model = "m";
  options.negative = "blurry";
  options.conditioning = "clip";
  options.fixed_negative = true;
  options.steps = 0;
  options.guidance = 7.5f;
  options.sampler = "ddim";
  options.width = 7;
  options.height = 100000;
  options.seed = (uint64_t{1} << 40) + 5;
  options.count = 3;
  options.preview_every = 2;
  options.preview_kind = "vae";
  options.request_id = "id";
  options.priority = -3;
  v1::GenerateRequest expected;
  expected.set_prompt("a fox");
  expected.set_model("m");
  expected.set_negative_prompt("blurry");
  expected.set_conditioning(v1::CONDITIONING_CLIP);
  expected.set_fixed_negative(true);
  expected.set_steps(0);
  expected.set_guidance_scale(7.5);
  expected.set_sampler("ddim");
  expected.set_width(7);
  expected.set_height(100000);
  expected.set_seed(5);
  expected.set_num_images(3);
  expected.mutable_preview()->set_every_steps(2);
  expected.mutable_preview()->set_kind(v1::PREVIEW_KIND_VAE);
  expected.set_request_id("id");
  expected.set_priority(-3);
  EXPECT_TRUE(MessageDifferencer::Equals(Plan(options)->request, expected));
}

TEST_F(GenerateRequestTest, PromptFilesLoseOneNewline) {
  GenerateOptions options;
  options.prompt_file = File("prompt.txt", "two\nlines\n\n");
  EXPECT_EQ(Plan(options)->request.prompt(), "two\nlines\n");
  options.prompt_file = File("prompt.txt", "caf\u00e9\r\n");
  EXPECT_EQ(Plan(options)->request.prompt(), "caf\u00e9");
  options.prompt_file = File("prompt.txt", "");
  EXPECT_EQ(Plan(options)->request.prompt(), "");
  options.prompt_file = "-";
  EXPECT_EQ(Plan(options, "piped\n")->request.prompt(), "piped");
  EXPECT_EQ(Plan(options, std::string(200'000, 'p'))->request.prompt().size(),
            200'000u);
}

TEST_F(GenerateRequestTest, FromAPicture) {
  GenerateOptions options;
  options.from = Picture();
  const absl::StatusOr<PlannedRequest> planned = Plan(options);
  ASSERT_TRUE(planned.ok()) << planned.status();
  EXPECT_EQ(planned->expected_fingerprint, "abc");
  v1::GenerateRequest expected;
  expected.set_model("m");
  expected.set_prompt("a fox");
  expected.set_negative_prompt("blurry");
  expected.set_conditioning(v1::CONDITIONING_ELLA);
  expected.set_fixed_negative(true);
  expected.set_width(64);
  expected.set_height(32);
  expected.set_steps(7);
  expected.set_num_images(1);
  expected.set_seed(9);
  expected.set_guidance_scale(0.1f);
  expected.set_sampler("ddim");
  EXPECT_TRUE(MessageDifferencer::Equals(planned->request, expected));
}

TEST_F(GenerateRequestTest, FlagsBesideAPictureWin) {
  GenerateOptions options;
  options.from = Picture();
  options.prompt = "a cat";
  options.seed = 10;
  options.conditioning = "clip";
  const v1::GenerateRequest request = Plan(options)->request;
  EXPECT_EQ(request.prompt(), "a cat");
  EXPECT_EQ(request.seed(), 10u);
  EXPECT_EQ(request.conditioning(), v1::CONDITIONING_CLIP);
  EXPECT_FALSE(request.fixed_negative());
  EXPECT_EQ(request.steps(), 7u);
}

TEST_F(GenerateRequestTest, RefusesBadUsage) {
  GenerateOptions options;
  EXPECT_THAT(Refusal(options), HasSubstr("PROMPT"));
  options.prompt_file = folder_ + "/missing";
  EXPECT_THAT(Refusal(options), HasSubstr(folder_ + "/missing"));
  options.prompt_file = folder_;
  EXPECT_THAT(Refusal(options), HasSubstr(folder_));
}

TEST_F(GenerateRequestTest, RefusesTextThatIsNotUtf8) {
  for (std::optional<std::string> GenerateOptions::*text :
       {&GenerateOptions::prompt, &GenerateOptions::negative,
        &GenerateOptions::model, &GenerateOptions::sampler,
        &GenerateOptions::request_id}) {
    GenerateOptions options;
    options.prompt = "a fox";
    options.*text = "\xff";
    EXPECT_THAT(Refusal(options), HasSubstr("UTF-8"));
  }
  GenerateOptions options;
  options.prompt_file = "-";
  EXPECT_THAT(Refusal(options, "caf\xe9"), HasSubstr("the prompt"));
}

TEST_F(GenerateRequestTest, RefusesPicturesWithoutSettings) {
  GenerateOptions options;
  options.from = File("plain.png", *EncodePng({1, 1, {1, 2, 3}}, {}));
  const std::string message = Refusal(options);
  EXPECT_THAT(message, HasSubstr("plain.png"));
  EXPECT_THAT(message, HasSubstr("prompt"));
  options.from = File("text.png", "no picture");
  EXPECT_THAT(Refusal(options), HasSubstr("text.png"));
  options.from = folder_ + "/missing.png";
  EXPECT_THAT(Refusal(options), HasSubstr("missing.png"));
}

}  // namespace
}  // namespace ella
