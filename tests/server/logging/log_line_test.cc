#include "server/logging/log_line.h"

#include <nlohmann/json.hpp>

#include "gmock/gmock.h"

namespace ella {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

LogLine Line(std::string message, std::vector<LogField> fields = {}) {
  return {absl::FromUnixMillis(1700000000123), LogSeverity::kWarning,
          std::move(message), std::move(fields)};
}

TEST(LogLineTest, TextIsTimeSeverityMessageFields) {
  EXPECT_EQ(FormatAsText(Line("request", {{"request_id", "a-1"},
                                          {"steps", 25},
                                          {"guidance_scale", 7.5},
                                          {"first", true},
                                          {"error", "no, really"},
                                          {"prompt", ""}})),
            "2023-11-14T22:13:20.123Z WARNING request request_id=a-1 steps=25 "
            "guidance_scale=7.5 first=true error=\"no, really\" prompt=\"\"");
}

TEST(LogLineTest, JsonIsOneObjectInThatOrder) {
  EXPECT_EQ(FormatAsJson(Line("request", {{"request_id", "a-1"},
                                          {"steps", 25},
                                          {"seconds", 0.000123},
                                          {"first", false}})),
            R"({"time":"2023-11-14T22:13:20.123Z","severity":"WARNING",)"
            R"("message":"request","request_id":"a-1","steps":25,)"
            R"("seconds":0.000123,"first":false})");
}

// What clients write can't end a line, begin a field, or reach a terminal.
TEST(LogLineTest, NoTextGetsOutOfItsPlace) {
  for (const std::string evil :
       {"x\n2023-11-14T22:13:20.123Z INFO request", "x code=OK", "x\" code=OK",
        "x\\\" code=OK", "\x1b[2J", "\x7f",
        "\xc2\x9b"
        "2J",
        "\xff\xfe", "caf\xc3\xa9"}) {
    const std::string text = FormatAsText(Line("request", {{"id", evil}}));
    const size_t begin = text.find("id=\"") + 4;
    ASSERT_NE(begin, std::string::npos + 4);
    // The value ends with the line, and holds no quote of its own.
    EXPECT_EQ(text.back(), '"');
    for (size_t i = begin; i + 1 < text.size(); ++i) {
      EXPECT_TRUE(text[i] >= ' ' && text[i] <= '~') << text;
      if (text[i] == '\\') {
        ++i;
      } else {
        EXPECT_NE(text[i], '"') << text;
      }
    }
    const std::string json = FormatAsJson(Line("request", {{"id", evil}}));
    for (const char c : json) EXPECT_TRUE(c >= ' ' && c <= '~') << json;
    EXPECT_EQ(nlohmann::json::parse(json).size(), 4u);
    EXPECT_THAT(FormatAsText(Line(evil)), Not(HasSubstr("\n")));
    EXPECT_THAT(FormatAsText(Line(evil)), Not(HasSubstr("\x1b")));
  }
}

TEST(LogLineTest, JsonKeepsEveryLanguage) {
  const std::string prompt = "caf\xc3\xa9 \xe7\x8c\xab \"quoted\"";
  const nlohmann::json json = nlohmann::json::parse(
      FormatAsJson(Line("request", {{"prompt", prompt}})));
  EXPECT_EQ(json["prompt"], prompt);
}

}  // namespace
}  // namespace ella
