#include "image/image_metadata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace ella {
namespace {

using ::testing::HasSubstr;

ImageMetadata Metadata() {
  ImageMetadata metadata;
  metadata.params.model = "default";
  metadata.params.prompt = "a fox in snow";
  metadata.params.negative_prompt = "blurry";
  metadata.params.conditioning = Conditioning::kEllaFixed;
  metadata.params.width = 512;
  metadata.params.height = 768;
  metadata.params.steps = 25;
  metadata.params.seed = 4294967295;
  metadata.params.guidance_scale = 7.5;
  metadata.params.sampler = "dpmpp_2m";
  metadata.model_fingerprint = "0123456789abcdef0123";
  metadata.version = "0.1.0";
  return metadata;
}

std::string ValueOf(const std::vector<PngText>& texts, const std::string& key) {
  for (const PngText& text : texts) {
    if (text.key == key) return text.value;
  }
  return absl::StrCat("no ", key);
}

void ExpectEqual(const ImageMetadata& a, const ImageMetadata& b) {
  EXPECT_EQ(a.params.model, b.params.model);
  EXPECT_EQ(a.params.prompt, b.params.prompt);
  EXPECT_EQ(a.params.negative_prompt, b.params.negative_prompt);
  EXPECT_EQ(a.params.conditioning, b.params.conditioning);
  EXPECT_EQ(a.params.fixed_negative, b.params.fixed_negative);
  EXPECT_EQ(a.params.width, b.params.width);
  EXPECT_EQ(a.params.height, b.params.height);
  EXPECT_EQ(a.params.steps, b.params.steps);
  EXPECT_EQ(a.params.num_images, b.params.num_images);
  EXPECT_EQ(a.params.seed, b.params.seed);
  EXPECT_EQ(a.params.guidance_scale, b.params.guidance_scale);
  EXPECT_EQ(a.params.sampler, b.params.sampler);
  EXPECT_EQ(a.model_fingerprint, b.model_fingerprint);
  EXPECT_EQ(a.version, b.version);
}

// Through a PNG file and back.
ImageMetadata RoundTrip(const ImageMetadata& metadata) {
  const RgbImage image{1, 1, {1, 2, 3}};
  const absl::StatusOr<std::string> bytes =
      EncodePng(image, MetadataToTexts(metadata));
  EXPECT_TRUE(bytes.ok()) << bytes.status();
  const absl::StatusOr<DecodedPng> png = DecodePng(*bytes);
  EXPECT_TRUE(png.ok()) << png.status();
  const absl::StatusOr<ImageMetadata> back = MetadataFromTexts(png->texts);
  EXPECT_TRUE(back.ok()) << back.status();
  return back.value_or(ImageMetadata());
}

TEST(ImageMetadataTest, ComesBackFromAPng) {
  const std::vector<std::string> prompts = {
      "",
      "a fox",
      "caf\u00e9",
      "\u72d0\u72f8 \U0001F98A",
      "two\nlines\n",
      "a sign that says\nNegative prompt: none\nSteps: 3, Seed: 4",
      std::string(100'000, 'p'),
  };
  for (const std::string& prompt : prompts) {
    ImageMetadata metadata = Metadata();
    metadata.params.prompt = prompt;
    ExpectEqual(RoundTrip(metadata), metadata);
    std::swap(metadata.params.prompt, metadata.params.negative_prompt);
    ExpectEqual(RoundTrip(metadata), metadata);
  }
  for (const Conditioning conditioning :
       {Conditioning::kElla, Conditioning::kEllaFixed, Conditioning::kClip}) {
    ImageMetadata metadata = Metadata();
    metadata.params.conditioning = conditioning;
    metadata.params.fixed_negative = conditioning == Conditioning::kElla;
    ExpectEqual(RoundTrip(metadata), metadata);
  }
}

TEST(ImageMetadataTest, GuidanceKeepsEveryBit) {
  for (const float guidance :
       {0.f, 0.1f, 1.f, 7.5f, 100.f, 1.f / 3, 7.0000005f, 12.345678f,
        std::numeric_limits<float>::denorm_min()}) {
    ImageMetadata metadata = Metadata();
    metadata.params.guidance_scale = guidance;
    EXPECT_EQ(RoundTrip(metadata).params.guidance_scale, guidance);
  }
  ImageMetadata metadata = Metadata();
  metadata.params.guidance_scale = 0.1f;
  EXPECT_EQ(ValueOf(MetadataToTexts(metadata), "guidance_scale"), "0.1");
  metadata.params.guidance_scale = 10;
  EXPECT_EQ(ValueOf(MetadataToTexts(metadata), "guidance_scale"), "10");
}

TEST(ImageMetadataTest, ParametersFollowTheHabitOfTheWebUis) {
  ImageMetadata metadata = Metadata();
  EXPECT_EQ(ValueOf(MetadataToTexts(metadata), "parameters"),
            "a fox in snow\n"
            "Negative prompt: blurry\n"
            "Steps: 25, Sampler: dpmpp_2m, CFG scale: 7.5, Seed: 4294967295, "
            "Size: 512x768, Model hash: 0123456789, Model: default, "
            "Version: 0.1.0");
  metadata.params.negative_prompt = "";
  EXPECT_THAT(ValueOf(MetadataToTexts(metadata), "parameters"),
              HasSubstr("a fox in snow\nSteps: 25"));
}

TEST(ImageMetadataTest, NamesWhatIsMissing) {
  const std::vector<PngText> all = MetadataToTexts(Metadata());
  for (size_t i = 0; i < all.size(); ++i) {
    if (all[i].key == "parameters") continue;
    std::vector<PngText> texts = all;
    texts.erase(texts.begin() + i);
    const absl::Status status = MetadataFromTexts(texts).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr(all[i].key));
  }
  EXPECT_FALSE(MetadataFromTexts({}).ok());
}

TEST(ImageMetadataTest, NamesWhatIsWrong) {
  const std::vector<PngText> wrong = {{"seed", "4294967296"},
                                      {"seed", "-1"},
                                      {"steps", "many"},
                                      {"steps", "3000000000"},
                                      {"width", ""},
                                      {"height", "5x"},
                                      {"guidance_scale", "much"},
                                      {"conditioning", "t5"},
                                      {"fixed_negative", ""}};
  for (const PngText& bad : wrong) {
    std::vector<PngText> texts = MetadataToTexts(Metadata());
    for (PngText& text : texts) {
      if (text.key == bad.key) text.value = bad.value;
    }
    const absl::Status status = MetadataFromTexts(texts).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << bad.key;
    EXPECT_THAT(std::string(status.message()),
                HasSubstr(absl::StrCat("\"", bad.value, "\"")));
    EXPECT_THAT(std::string(status.message()), HasSubstr(bad.key));
  }
}

TEST(ImageMetadataTest, ConditioningNames) {
  EXPECT_EQ(ConditioningName(Conditioning::kElla), "ella");
  EXPECT_EQ(ConditioningName(Conditioning::kEllaFixed), "ella-fixed");
  EXPECT_EQ(ConditioningName(Conditioning::kClip), "clip");
  EXPECT_EQ(*ConditioningFromName("ella-fixed"), Conditioning::kEllaFixed);
  EXPECT_EQ(ConditioningFromName("ELLA").status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace ella
