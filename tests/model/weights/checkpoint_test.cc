#include "model/weights/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/model/weights/weights_test_files.h"

namespace ella {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

std::vector<std::string> Names(const Checkpoint& checkpoint) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : checkpoint.tensors()) names.push_back(name);
  return names;
}

// An index that puts a and c into 1.safetensors and b into 2.safetensors.
constexpr char kIndex[] =
    R"({"metadata":{"total_size":3},"weight_map":)"
    R"({"a":"1.safetensors","b":"2.safetensors","c":"1.safetensors"}})";

TEST(CheckpointTest, OpensOneFile) {
  const TempFolder folder;
  const std::string path =
      folder.Write("any name.safetensors", SmallTensors({"b", "a"}));
  const auto checkpoint = Checkpoint::OpenFile(path);
  ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
  EXPECT_EQ(checkpoint->path(), path);
  EXPECT_THAT(Names(*checkpoint), ElementsAre("a", "b"));
  EXPECT_TRUE(absl::IsNotFound(Checkpoint::OpenFile(path + "x").status()));
}

TEST(CheckpointTest, CopiesShareTheMapping) {
  const TempFolder folder;
  folder.Write("m.safetensors", SmallTensors({"a", "b"}));
  auto checkpoint = Checkpoint::OpenFolder(folder.path(), "m");
  ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
  const Checkpoint copy = *checkpoint;
  const TensorView view = copy.tensors().at("b");
  checkpoint = absl::UnknownError("gone");
  EXPECT_THAT(view.data, ElementsAre(1));
  EXPECT_NE(copy.mapping(), nullptr);
}

TEST(CheckpointTest, PrefersTheFirstOfTheKnownNames) {
  // From the least wanted on, so that each new file comes before the others.
  const TempFolder folder;
  folder.Write("1.safetensors", SmallTensors({"a", "c"}));
  folder.Write("2.safetensors", SmallTensors({"b"}));
  const std::vector<std::pair<std::string, std::string>> names = {
      {"m.fp16.safetensors.index.json", kIndex},
      {"m.safetensors.index.fp16.json", kIndex},
      {"m.fp16.safetensors", SmallTensors({"half"})},
      {"m.safetensors.index.json", kIndex},
      {"m.safetensors", SmallTensors({"whole"})},
  };
  for (const auto& [name, bytes] : names) {
    SCOPED_TRACE(name);
    folder.Write(name, bytes);
    const auto checkpoint = Checkpoint::OpenFolder(folder.path(), "m");
    ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
    EXPECT_THAT(checkpoint->path(), EndsWith("/" + name));
    if (absl::StrContains(name, "json")) {
      EXPECT_THAT(Names(*checkpoint), ElementsAre("a", "b", "c"));
      EXPECT_THAT(checkpoint->tensors().at("c").data, ElementsAre(1));
    }
  }
}

TEST(CheckpointTest, LeavesOutWhatTheIndexDoesNotList) {
  const TempFolder folder;
  folder.Write("m.safetensors.index.json", kIndex);
  folder.Write("1.safetensors", SmallTensors({"a", "c", "extra"}));
  folder.Write("2.safetensors", SmallTensors({"b", "extra"}));
  const auto checkpoint = Checkpoint::OpenFolder(folder.path(), "m");
  ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
  EXPECT_THAT(Names(*checkpoint), ElementsAre("a", "b", "c"));
}

TEST(CheckpointTest, RefusesShardsThatContradictTheIndex) {
  const TempFolder folder;
  folder.Write("m.safetensors.index.json", kIndex);
  folder.Write("1.safetensors", SmallTensors({"a", "c"}));
  absl::Status status = Checkpoint::OpenFolder(folder.path(), "m").status();
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_THAT(Message(status),
              AllOf(HasSubstr("m.safetensors.index.json names the shard "
                              "'2.safetensors', which is missing"),
                    HasSubstr("partial download?")));

  folder.Write("2.safetensors", SmallTensors({"a", "b"}));
  status = Checkpoint::OpenFolder(folder.path(), "m").status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(Message(status), HasSubstr("2.safetensors has tensor 'a'"));

  folder.Write("2.safetensors", SmallTensors({"x"}));
  status = Checkpoint::OpenFolder(folder.path(), "m").status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(Message(status),
              HasSubstr("says that '2.safetensors' has tensor 'b', which"));

  folder.Write("2.safetensors", SmallTensors({"b"}).substr(0, 30));
  status = Checkpoint::OpenFolder(folder.path(), "m").status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(Message(status),
              AllOf(HasSubstr("2.safetensors: "), HasSubstr("found 30")));
}

TEST(CheckpointTest, RefusesABadIndex) {
  const std::string no_map = "has no weight_map that lists tensors";
  const std::string no_name = "the name of a file in the same folder, was ";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "is not JSON"},
      {"{", "is not JSON"},
      {std::string(1 << 20, '['), "is not JSON"},
      {std::string(1 << 20, '[') + std::string(1 << 20, ']'), no_map},
      {"[]", no_map},
      {"{}", no_map},
      {R"({"weight_map":[]})", no_map},
      {R"({"weight_map":{}})", no_map},
      {R"({"weight_map":{"a":1}})", no_name + "no string"},
      {R"({"weight_map":{"a":""}})", no_name + "''"},
      {R"({"weight_map":{"a":".."}})", no_name + "'..'"},
      {R"({"weight_map":{"a":"../1.safetensors"}})",
       no_name + "'../1.safetensors'"},
      {R"({"weight_map":{"a":"/etc/passwd"}})", no_name + "'/etc/passwd'"},
      {R"({"weight_map":{"a":"b\\c"}})", no_name + R"('b\\c')"},
      {R"({"weight_map":{"a":"b\u0000z"}})", no_name + R"('b\x00z')"},
  };
  const TempFolder folder;
  for (const auto& [index, message] : cases) {
    SCOPED_TRACE(index.substr(0, 80));
    folder.Write("m.safetensors.index.json", index);
    const auto status = Checkpoint::OpenFolder(folder.path(), "m").status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_THAT(Message(status), AllOf(HasSubstr("m.safetensors.index.json"),
                                       HasSubstr(message)));
  }
}

TEST(CheckpointTest, SaysWhatItLookedFor) {
  const TempFolder folder;
  folder.Write("other.safetensors", SmallTensors({"a"}));
  absl::Status status = Checkpoint::OpenFolder(folder.path(), "m").status();
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_THAT(Message(status),
              AllOf(HasSubstr(folder.path()), HasSubstr("m.safetensors, "),
                    HasSubstr("m.fp16.safetensors,")));

  const std::string missing = folder.path() + "/unet";
  status = Checkpoint::OpenFolder(missing, "m").status();
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_THAT(Message(status), HasSubstr("there is no folder " + missing));
}

TEST(CheckpointTest, SaysHowToConvertPytorchFiles) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"pytorch_model.bin", "/pytorch_model.bin'"},
      {"pytorch_model-00002-of-00003.bin", "/pytorch_model-*-of-00003.bin'"},
      {"model.pt", "/model.pt'"},
      {"model.pth", "/model.pth'"},
      {"v1-5-pruned.ckpt", "/v1-5-pruned.ckpt').save_pretrained("},
  };
  for (const auto& [name, advice] : cases) {
    SCOPED_TRACE(name);
    const TempFolder folder;
    folder.Write(name, "PK");
    const auto status = Checkpoint::OpenFolder(folder.path(), "m").status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_THAT(Message(status),
                AllOf(HasSubstr(absl::StrCat(folder.path(), " holds ", name,
                                             ", but m.safetensors is needed")),
                      HasSubstr(advice)));
  }
}

}  // namespace
}  // namespace ella
