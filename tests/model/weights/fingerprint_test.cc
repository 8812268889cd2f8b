#include "model/weights/fingerprint.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tests/model/weights/weights_test_files.h"

namespace ella {
namespace {

Checkpoint Open(const std::string& path) {
  auto checkpoint = Checkpoint::OpenFile(path);
  EXPECT_TRUE(checkpoint.ok()) << checkpoint.status();
  return *std::move(checkpoint);
}

// One tensor in one part.
std::string FingerprintOf(absl::string_view part, absl::string_view name,
                          absl::string_view dtype, absl::string_view shape,
                          absl::string_view data) {
  const TempFolder folder;
  const Checkpoint checkpoint = Open(folder.Write(
      "w.safetensors",
      SafetensorsBytes(
          absl::StrCat("{\"", name, "\":{\"dtype\":\"", dtype, "\",\"shape\":",
                       shape, ",\"data_offsets\":[0,", data.size(), "]}}"),
          data)));
  const auto fingerprint = Fingerprint({{std::string(part), &checkpoint}});
  EXPECT_TRUE(fingerprint.ok()) << fingerprint.status();
  return *fingerprint;
}

TEST(FingerprintTest, IsASha256OfAllThatItNames) {
  // The lengths of "unet", "w" and "U8" before each, 1 length, 3; "abc".
  EXPECT_EQ(FingerprintOf("unet", "w", "U8", "[3]", "abc"),
            "2b8c7fb265c06ef1b5f78612eaf53270f00fa225a2932ca05f5873711bc07bbb");
}

TEST(FingerprintTest, ChangesWithWhatItNames) {
  const std::string base = FingerprintOf("p", "w", "F16", "[2,1]", "abcd");
  EXPECT_EQ(FingerprintOf("p", "w", "F16", "[2,1]", "abcd"), base);
  EXPECT_NE(FingerprintOf("q", "w", "F16", "[2,1]", "abcd"), base);
  EXPECT_NE(FingerprintOf("p", "v", "F16", "[2,1]", "abcd"), base);
  EXPECT_NE(FingerprintOf("p", "w", "BF16", "[2,1]", "abcd"), base);
  EXPECT_NE(FingerprintOf("p", "w", "F16", "[1,2]", "abcd"), base);
  EXPECT_NE(FingerprintOf("p", "w", "F16", "[2,1]", "abce"), base);
  EXPECT_NE(FingerprintOf("pw", "", "F16", "[2,1]", "abcd"),
            FingerprintOf("p", "w", "F16", "[2,1]", "abcd"));
}

TEST(FingerprintTest, LooksAtTheFirst4KiBOfATensor) {
  std::string data(5000, 'x');
  const std::string base = FingerprintOf("p", "w", "U8", "[5000]", data);
  data[4096] = 'y';
  EXPECT_EQ(FingerprintOf("p", "w", "U8", "[5000]", data), base);
  data[4095] = 'y';
  EXPECT_NE(FingerprintOf("p", "w", "U8", "[5000]", data), base);
}

TEST(FingerprintTest, IsTheSameForShards) {
  const TempFolder folder;
  // Names are laid out so that each tensor holds the same byte in both.
  folder.Write("1.safetensors", SmallTensors({"a", "c"}));
  folder.Write("2.safetensors", SmallTensors({"b"}));
  folder.Write("m.safetensors.index.json",
               R"({"weight_map":{"a":"1.safetensors","b":"2.safetensors",)"
               R"("c":"1.safetensors"}})");
  const auto sharded = Checkpoint::OpenFolder(folder.path(), "m");
  ASSERT_TRUE(sharded.ok()) << sharded.status();
  const Checkpoint whole = Open(folder.Write(
      "w.safetensors",
      SafetensorsBytes(
          R"({"c":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
          R"("a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]},)"
          R"("b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}})",
          absl::string_view("\1\0\0", 3))));
  EXPECT_EQ(*Fingerprint({{"t5", &*sharded}}), *Fingerprint({{"t5", &whole}}));
  EXPECT_NE(*Fingerprint({{"t5", &whole}}),
            *Fingerprint({{"t5", &whole}, {"vae", &whole}}));
}

}  // namespace
}  // namespace ella
