#include "client/dpg/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ella {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::vector<std::string>> Fields(
    std::string_view text, const std::vector<std::string>& columns) {
  const auto rows = ReadCsv(text, columns);
  EXPECT_TRUE(rows.ok()) << rows.status();
  std::vector<std::vector<std::string>> fields;
  if (rows.ok()) {
    for (const CsvRow& row : *rows) fields.push_back(row.fields);
  }
  return fields;
}

std::string Error(std::string_view text,
                  const std::vector<std::string>& columns = {"a", "b"}) {
  const auto rows = ReadCsv(text, columns);
  EXPECT_TRUE(absl::IsInvalidArgument(rows.status())) << text;
  return std::string(rows.status().message());
}

TEST(CsvTest, FindsColumnsByName) {
  EXPECT_THAT(Fields("x,b,a\n1,2,3\n4,5,6\n", {"a", "b"}),
              ElementsAre(ElementsAre("3", "2"), ElementsAre("6", "5")));
  EXPECT_THAT(Fields("a,b", {"a"}), IsEmpty());
}

TEST(CsvTest, QuotesHoldCommasQuotesAndNewlines) {
  EXPECT_THAT(Fields("a,b\n\"1,\"\"x\"\"\n2\",\"\"\n", {"a", "b"}),
              ElementsAre(ElementsAre("1,\"x\"\n2", "")));
}

TEST(CsvTest, KeepsSpacesAndEmptyFields) {
  EXPECT_THAT(Fields("a,b\n yes ,\n,\n", {"a", "b"}),
              ElementsAre(ElementsAre(" yes ", ""), ElementsAre("", "")));
}

TEST(CsvTest, TakesOtherLineEndsBlankLinesAndAByteOrderMark) {
  EXPECT_THAT(Fields("\xef\xbb\xbf"
                     "a,b\r\n1,2\r\n\r\n3,4",
                     {"a", "b"}),
              ElementsAre(ElementsAre("1", "2"), ElementsAre("3", "4")));
}

TEST(CsvTest, CountsLines) {
  const auto rows = ReadCsv("a,b\n1,\"x\ny\"\n\n2,z", {"a"});
  ASSERT_TRUE(rows.ok());
  ASSERT_EQ(rows->size(), 2u);
  EXPECT_EQ((*rows)[0].line, 3);
  EXPECT_EQ((*rows)[1].line, 5);
}

TEST(CsvTest, ErrorsNameThePlace) {
  EXPECT_THAT(Error(""), HasSubstr("empty"));
  EXPECT_THAT(Error("\n\n"), HasSubstr("empty"));
  EXPECT_THAT(Error("a,c\n1,2\n"), HasSubstr("no column b"));
  EXPECT_THAT(Error("a,b\n1,2\n1,2,3\n"),
              HasSubstr("line 3: 3 fields under 2 columns"));
  EXPECT_THAT(Error("a,b\n1\n"), HasSubstr("line 2: 1 fields"));
  EXPECT_THAT(Error("a,b\n1,2\n\"1\"x,2\n3,4\n"), HasSubstr("line 3: a quote"));
  EXPECT_THAT(Error("a,b\n1,2\"\n"), HasSubstr("line 2: a quote"));
  EXPECT_THAT(Error("a,b\n1,\"2\n3,4\n"), HasSubstr("ends within quotes"));
  EXPECT_THAT(Error("a,b\n1,\xff\n"), HasSubstr("not UTF-8"));
}

TEST(CsvTest, WritesWhatItReads) {
  EXPECT_EQ(CsvLine({"1", "yes", ""}), "1,yes,\n");
  const std::vector<std::string> fields = {"a,b", "\"", "x\ny", "\r", " "};
  EXPECT_THAT(
      Fields("1,2,3,4,5\n" + CsvLine(fields), {"1", "2", "3", "4", "5"}),
      ElementsAre(fields));
}

}  // namespace
}  // namespace ella
