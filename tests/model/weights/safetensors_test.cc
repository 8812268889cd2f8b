#include "model/weights/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tests/model/weights/weights_test_files.h"

namespace ella {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::StartsWith;

absl::StatusOr<SafetensorsContents> Parse(absl::string_view file) {
  return ParseSafetensors(
      absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(file.data()),
                          file.size()),
      "x.safetensors");
}

// A tensor's JSON, for the malformed headers.
std::string Entry(absl::string_view dtype, absl::string_view shape,
                  absl::string_view offsets) {
  return absl::StrCat("{\"dtype\":", dtype, ",\"shape\":", shape,
                      ",\"data_offsets\":", offsets, "}");
}

TEST(SafetensorsTest, ReadsTensorsInAnyOrderAndMetadata) {
  const std::string file = SafetensorsBytes(
      R"({"b":{"data_offsets":[2,6],"dtype":"F16","shape":[2,1]},)"
      R"("__metadata__":{"format":"pt"},)"
      R"("a":{"dtype":"I16","shape":[],"data_offsets":[0,2]}}  )",
      "123456");
  const auto contents = Parse(file);
  ASSERT_TRUE(contents.ok()) << contents.status();
  ASSERT_EQ(contents->tensors.size(), 2);
  const TensorView& a = contents->tensors.at("a");
  EXPECT_EQ(a.dtype, Dtype::kI16);
  EXPECT_THAT(a.shape, IsEmpty());
  EXPECT_THAT(a.data, ElementsAre('1', '2'));
  const TensorView& b = contents->tensors.at("b");
  EXPECT_EQ(b.dtype, Dtype::kF16);
  EXPECT_THAT(b.shape, ElementsAre(2, 1));
  EXPECT_THAT(b.data, ElementsAre('3', '4', '5', '6'));
  EXPECT_THAT(contents->metadata, ElementsAre(Pair("format", "pt")));
}

TEST(SafetensorsTest, ReadsEveryDtype) {
  const std::vector<std::pair<Dtype, size_t>> dtypes = {
      {Dtype::kF64, 8}, {Dtype::kF32, 4},  {Dtype::kF16, 2}, {Dtype::kBF16, 2},
      {Dtype::kI64, 8}, {Dtype::kI32, 4},  {Dtype::kI16, 2}, {Dtype::kI8, 1},
      {Dtype::kU8, 1},  {Dtype::kBool, 1},
  };
  for (const auto& [dtype, size] : dtypes) {
    SCOPED_TRACE(DtypeName(dtype));
    EXPECT_EQ(DtypeSize(dtype), size);
    const auto contents = Parse(SafetensorsBytes(
        absl::StrCat("{\"t\":",
                     Entry(absl::StrCat("\"", DtypeName(dtype), "\""), "[3]",
                           absl::StrCat("[0,", 3 * size, "]")),
                     "}"),
        std::string(3 * size, 'x')));
    ASSERT_TRUE(contents.ok()) << contents.status();
    EXPECT_EQ(contents->tensors.at("t").dtype, dtype);
  }
}

TEST(SafetensorsTest, ReadsEmptyThings) {
  EXPECT_TRUE(Parse(SafetensorsBytes("{}", "")).ok());
  const std::string file = SafetensorsBytes(
      absl::StrCat("{\"a\":", Entry("\"U8\"", "[1]", "[0,1]"),
                   ",\"b\":", Entry("\"F32\"", "[0,5]", "[1,1]"),
                   ",\"c\":", Entry("\"U8\"", "[1]", "[1,2]"), "}"),
      "xy");
  const auto contents = Parse(file);
  ASSERT_TRUE(contents.ok()) << contents.status();
  EXPECT_THAT(contents->tensors.at("b").data, IsEmpty());
  EXPECT_THAT(contents->tensors.at("c").data, ElementsAre('y'));
}

struct Malformed {
  std::string name;
  std::string file;
  std::string message;  // a part of it

  friend void PrintTo(const Malformed& malformed, std::ostream* out) {
    *out << malformed.name;
  }
};

class MalformedTest : public testing::TestWithParam<Malformed> {};

TEST_P(MalformedTest, IsRefusedWithItsReason) {
  const auto contents = Parse(GetParam().file);
  EXPECT_EQ(contents.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Message(contents.status()), AllOf(StartsWith("x.safetensors: "),
                                                HasSubstr(GetParam().message)));
}

// One tensor "t" over four bytes of data.
Malformed OneTensor(const std::string& name, absl::string_view entry,
                    const std::string& message) {
  return {name, SafetensorsBytes(absl::StrCat("{\"t\":", entry, "}"), "1234"),
          message};
}

Malformed Header(const std::string& name, absl::string_view header,
                 const std::string& message) {
  return {name, SafetensorsBytes(header, "1234"), message};
}

std::vector<Malformed> MalformedFiles() {
  const std::string good = Entry("\"F32\"", "[1]", "[0,4]");
  return {
      {"Empty", "", "expected at least 8 bytes, found 0 (partial download?)"},
      {"SevenBytes", std::string(7, '\0'), "at least 8 bytes, found 7"},
      {"HeaderPastTheEnd", SafetensorsBytes("{}      ", "").substr(0, 12),
       "expected at least 16 bytes, found 12 (partial download?)"},
      {"HeaderTooLong", std::string("\x01\xe1\xf5\x05\0\0\0\0{}", 10),
       "header length is at most 100000000 bytes, was 100000001"},
      {"HeaderLengthOfAllOnes", std::string(16, '\xff'),
       "was 18446744073709551615"},
      {"GitLfsPointer",
       "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 4\n",
       "run `git lfs pull`"},
      {"WebPage", "\n<!DOCTYPE html><html></html>", "this is a web page"},
      {"Zip", std::string("PK\x03\x04\0\0\x08\x08\0\0\0\0", 12),
       "this is a PyTorch file"},
      {"OtherText", "Entry not found", "this is no safetensors file"},

      Header("NoHeader", "", "the header is not a JSON object"),
      Header("List", "[]", "the header is not a JSON object"),
      Header("LeadingSpace", " {}", "the header is not a JSON object"),
      Header("NotJson", "{\"t\":nope}", "the header is not JSON at its byte"),
      Header("Cut", "{\"t\":{", "the header is not JSON at its byte 7"),
      Header("TwoObjects", "{}{}", "the header is not JSON at its byte 3"),
      Header("NulAfterIt", std::string("{}\0\0", 4),
             "the header is not JSON at its byte 3"),
      Header("BadUtf8", "{\"\xff\":1}", "the header is not JSON at its byte"),
      Header("HugeNumber", "{\"t\":1e999}", "the header is not JSON"),
      Header("DeepLists", "{\"t\":" + std::string(1 << 20, '['),
             "tensor 't' is not a JSON object"),
      Header(
          "DeepObjects",
          [] {
            std::string deep = "{";
            for (int i = 0; i < 1 << 18; ++i) deep += "\"t\":{";
            return deep;
          }(),
          "tensor 't' has the unknown field 't'"),
      Header("TwiceTheTensor",
             absl::StrCat("{\"t\":", good, ",\"t\":", good, "}"),
             "tensor 't' comes twice"),
      Header("MetadataIsText", R"({"__metadata__":"pt"})",
             "tensor '__metadata__' is not a JSON object"),
      Header("MetadataHoldsANumber", R"({"__metadata__":{"step":3}})",
             "__metadata__ has a value for 'step' that is not a string"),
      Header("MetadataHoldsAnObject", R"({"__metadata__":{"a":{}}})",
             "__metadata__ has a value for 'a' that is not a string"),
      Header("TwiceInMetadata", R"({"__metadata__":{"a":"1","a":"2"}})",
             "__metadata__ has 'a' twice"),
      Header("TwiceMetadata", R"({"__metadata__":{},"__metadata__":{}})",
             "__metadata__ comes twice"),

      OneTensor("TensorIsNull", "null", "tensor 't' is not a JSON object"),
      OneTensor("TensorIsList", "[]", "tensor 't' is not a JSON object"),
      OneTensor("NoFields", "{}", "tensor 't' has no dtype"),
      OneTensor("NoDtype", R"({"shape":[4],"data_offsets":[0,4]})",
                "tensor 't' has no dtype"),
      OneTensor("NoShape", R"({"dtype":"U8","data_offsets":[0,4]})",
                "tensor 't' has no shape"),
      OneTensor("NoOffsets", R"({"dtype":"U8","shape":[4]})",
                "tensor 't' has no data_offsets"),
      OneTensor("TwiceTheField", R"({"dtype":"U8","dtype":"I8"})",
                "tensor 't': dtype comes twice"),
      OneTensor("UnknownField", R"({"stride":[1]})",
                "tensor 't' has the unknown field 'stride'"),
      OneTensor("UnknownDtype", Entry("\"F8_E4M3\"", "[4]", "[0,4]"),
                "tensor 't' has the unknown dtype 'F8_E4M3'"),
      OneTensor("LowerCaseDtype", Entry("\"f32\"", "[1]", "[0,4]"),
                "unknown dtype 'f32'"),
      OneTensor("DtypeIsNumber", Entry("32", "[1]", "[0,4]"),
                "tensor 't': dtype is not a string"),
      OneTensor("DtypeIsList", Entry("[\"F32\"]", "[1]", "[0,4]"),
                "tensor 't': dtype is not a string"),
      OneTensor("ShapeIsNumber", Entry("\"F32\"", "1", "[0,4]"),
                "tensor 't': shape is not a list"),
      OneTensor("ShapeIsObject", Entry("\"F32\"", "{}", "[0,4]"),
                "tensor 't': shape is not a list"),
      OneTensor("NegativeLength", Entry("\"F32\"", "[-1]", "[0,4]"),
                "tensor 't': shape holds something else than integers"),
      OneTensor("FractionalLength", Entry("\"F32\"", "[1.0]", "[0,4]"),
                "tensor 't': shape holds something else than integers"),
      OneTensor("TextLength", Entry("\"F32\"", "[\"1\"]", "[0,4]"),
                "tensor 't': shape holds something else than integers"),
      OneTensor("NestedShape", Entry("\"F32\"", "[[1]]", "[0,4]"),
                "tensor 't': shape holds something else than integers"),
      OneTensor("LengthOver63Bits",
                Entry("\"F32\"", "[9223372036854775808]", "[0,4]"),
                "shape holds 9223372036854775808, which is too big"),
      OneTensor("LengthOver64Bits",
                Entry("\"F32\"", "[18446744073709551616]", "[0,4]"),
                "tensor 't': shape holds something else than integers"),
      OneTensor("SizeOverflows",
                Entry("\"U8\"", "[4294967296,4294967296]", "[0,4]"),
                "tensor 't': the size of its shape overflows"),
      OneTensor("SizeInBytesOverflows",
                Entry("\"F32\"", "[4611686018427387905]", "[0,4]"),
                "tensor 't': the size of its shape overflows"),
      OneTensor("EmptyButItsStridesOverflow",
                Entry("\"U8\"", "[0,4294967296,4294967296]", "[0,0]"),
                "tensor 't': the size of its shape overflows"),
      OneTensor("OffsetsAreObject", Entry("\"F32\"", "[1]", "{}"),
                "tensor 't': data_offsets is not a list"),
      OneTensor("OneOffset", Entry("\"F32\"", "[1]", "[4]"),
                "data_offsets are not two ordered integers"),
      OneTensor("ThreeOffsets", Entry("\"F32\"", "[1]", "[0,2,4]"),
                "data_offsets are not two ordered integers"),
      OneTensor("OffsetsBackwards", Entry("\"F32\"", "[1]", "[4,0]"),
                "data_offsets are not two ordered integers"),
      OneTensor("NegativeOffset", Entry("\"F32\"", "[1]", "[-4,0]"),
                "data_offsets holds something else than integers"),
      OneTensor("OffsetsTooShort", Entry("\"F32\"", "[1]", "[0,3]"),
                "span 3 bytes, but shape and dtype need 4"),
      OneTensor("OffsetsTooLong", Entry("\"U8\"", "[3]", "[0,4]"),
                "span 4 bytes, but shape and dtype need 3"),
      OneTensor("PastTheEnd", Entry("\"U8\"", "[5]", "[0,5]"),
                "tensor 't' ends past the end of the file: expected 66 bytes, "
                "found 65 (partial download?)"),
      OneTensor(
          "FarPastTheEnd",
          Entry("\"U8\"", "[9223372036854775807]", "[0,9223372036854775807]"),
          "tensor 't' ends past the end of the file"),
      OneTensor("GapAtTheStart", Entry("\"U8\"", "[2]", "[2,4]"),
                "tensor 't' begins at byte 2 of the data, after a gap of 2"),
      OneTensor("UnusedEnd", Entry("\"U8\"", "[3]", "[0,3]"),
                "expected 64 bytes, found 65: the tensors leave the last 1"),
      Header("Gap",
             absl::StrCat("{\"a\":", Entry("\"U8\"", "[1]", "[0,1]"),
                          ",\"b\":", Entry("\"U8\"", "[1]", "[3,4]"), "}"),
             "tensor 'b' begins at byte 3 of the data, after a gap of 2"),
      Header("Overlap",
             absl::StrCat("{\"a\":", Entry("\"U8\"", "[3]", "[0,3]"),
                          ",\"b\":", Entry("\"U8\"", "[2]", "[2,4]"), "}"),
             "tensors 'a' and 'b' overlap"),
      Header("SameBytes",
             absl::StrCat("{\"a\":", Entry("\"U8\"", "[4]", "[0,4]"),
                          ",\"b\":", Entry("\"U8\"", "[4]", "[0,4]"), "}"),
             "tensors 'a' and 'b' overlap"),
      Header("EmptyInsideAnother",
             absl::StrCat("{\"a\":", Entry("\"U8\"", "[4]", "[0,4]"),
                          ",\"b\":", Entry("\"U8\"", "[0]", "[2,2]"), "}"),
             "tensors 'a' and 'b' overlap"),
      Header("NameIsEscaped", R"({"line\nfeed":{}})", R"(tensor 'line\nfeed')"),
      Header("NameIsCut", "{\"" + std::string(300, 'n') + "\":{}}",
             "tensor '" + std::string(200, 'n') + "...' has no dtype"),
  };
}

INSTANTIATE_TEST_SUITE_P(Files, MalformedTest,
                         testing::ValuesIn(MalformedFiles()),
                         [](const auto& info) { return info.param.name; });

TEST(SafetensorsTest, RefusesAFileCutAnywhere) {
  const std::string file = SmallTensors({"a", "b", "c"});
  ASSERT_TRUE(Parse(file).ok());
  for (size_t size = 0; size < file.size(); ++size) {
    const auto contents = Parse(absl::string_view(file).substr(0, size));
    EXPECT_THAT(Message(contents.status()), HasSubstr("partial download?"))
        << size;
  }
}

TEST(SafetensorsFileTest, KeepsTheMappingAlive) {
  const TempFolder folder;
  const std::string path =
      folder.Write("w.safetensors", SmallTensors({"a", "b"}));
  auto file = SafetensorsFile::Open(path);
  ASSERT_TRUE(file.ok()) << file.status();
  const std::unique_ptr<SafetensorsFile> moved = *std::move(file);
  std::filesystem::remove(path);
  EXPECT_EQ(moved->path(), path);
  EXPECT_THAT(moved->tensors().at("b").data, ElementsAre(1));
  EXPECT_THAT(moved->metadata(), IsEmpty());
}

TEST(SafetensorsFileTest, RefusesWhatIsNoFile) {
  const TempFolder folder;
  const auto missing = SafetensorsFile::Open(folder.path() + "/nowhere");
  EXPECT_EQ(missing.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(Message(missing.status()), HasSubstr("/nowhere"));

  const auto directory = SafetensorsFile::Open(folder.path());
  EXPECT_EQ(directory.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Message(directory.status()), HasSubstr("is a folder"));

  // Must not wait for somebody to write into the pipe.
  const std::string pipe = folder.path() + "/pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(Message(SafetensorsFile::Open(pipe).status()),
              HasSubstr("is not a regular file"));

  const std::string empty = folder.Write("empty.safetensors", "");
  EXPECT_THAT(Message(SafetensorsFile::Open(empty).status()),
              HasSubstr("empty.safetensors: expected at least 8 bytes"));

  const std::string loop = folder.path() + "/loop";
  std::filesystem::create_symlink(loop, loop);
  EXPECT_THAT(Message(SafetensorsFile::Open(loop).status()),
              HasSubstr("/loop"));
}

}  // namespace
}  // namespace ella
