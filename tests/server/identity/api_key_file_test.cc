#include "server/identity/api_key_file.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace ella {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kHash(64, 'a');
const std::string kOther(64, 'B');

std::string ErrorOf(const std::string& text) {
  const absl::StatusOr<std::vector<ApiKey>> keys = ParseApiKeys(text);
  EXPECT_EQ(keys.status().code(), absl::StatusCode::kInvalidArgument) << text;
  return std::string(keys.status().message());
}

TEST(ApiKeyFileTest, ReadsNamesHashesAndSettings) {
  const absl::StatusOr<std::vector<ApiKey>> keys = ParseApiKeys(
      absl::StrCat("# callers\n\n  web\t", kHash,
                   "  requests-per-minute=120 images=16 priority=5 admin\r\n",
                   "job-1.x ", kOther, " priority=-2"));
  ASSERT_TRUE(keys.ok()) << keys.status();
  ASSERT_EQ(keys->size(), 2u);
  const Caller& web = keys->at(0).caller;
  EXPECT_EQ(keys->at(0).sha256, std::string(32, '\xaa'));
  EXPECT_EQ(web.name, "web");
  EXPECT_TRUE(web.is_known);
  EXPECT_EQ(web.limits.requests_per_minute, 120);
  EXPECT_EQ(web.limits.max_images, 16);
  EXPECT_EQ(web.limits.max_priority, 5);
  EXPECT_TRUE(web.limits.admin);
  EXPECT_EQ(keys->at(1).sha256, std::string(32, '\xbb'));
  EXPECT_EQ(keys->at(1).caller.limits.max_priority, -2);
}

TEST(ApiKeyFileTest, WhatIsNotSetHasNoLimitButForThePriority) {
  const absl::StatusOr<std::vector<ApiKey>> keys =
      ParseApiKeys(absl::StrCat("web ", kHash));
  ASSERT_TRUE(keys.ok()) << keys.status();
  const CallerLimits& limits = keys->at(0).caller.limits;
  EXPECT_EQ(limits.requests_per_minute, std::nullopt);
  EXPECT_EQ(limits.max_images, std::nullopt);
  EXPECT_EQ(limits.max_priority, 0);
  EXPECT_FALSE(limits.admin);
}

TEST(ApiKeyFileTest, ANameMayHaveTwoKeysWithTheSameSettings) {
  const std::string two =
      absl::StrCat("web ", kHash, " images=2\nweb ", kOther, " images=");
  EXPECT_EQ(ParseApiKeys(absl::StrCat(two, "2"))->size(), 2u);
  EXPECT_THAT(ErrorOf(absl::StrCat(two, "3")),
              AllOf(HasSubstr("line 2"), HasSubstr("web has other settings")));
}

TEST(ApiKeyFileTest, ErrorsNameTheLine) {
  EXPECT_THAT(ErrorOf(""), HasSubstr("no key"));
  EXPECT_THAT(ErrorOf("# web\n"), HasSubstr("no key"));
  EXPECT_THAT(ErrorOf("\nweb\n"),
              AllOf(HasSubstr("line 2: "), HasSubstr("SHA-256")));
  EXPECT_THAT(ErrorOf("web my-secret-key"),
              AllOf(HasSubstr("SHA-256"), Not(HasSubstr("my-secret-key"))));
  EXPECT_THAT(ErrorOf(absl::StrCat("web ", kHash, "a")), HasSubstr("64 hex"));
  EXPECT_THAT(ErrorOf(absl::StrCat("w:b ", kHash)), HasSubstr("a name has"));
  EXPECT_THAT(ErrorOf(absl::StrCat(std::string(65, 'w'), " ", kHash)),
              HasSubstr("a name has"));
  EXPECT_THAT(ErrorOf(absl::StrCat("a ", kHash, "\nb ", kHash)),
              HasSubstr("line 2: this key is there already"));
  for (const char* setting :
       {"images=0", "images=x", "images=", "requests-per-minute=0",
        "requests-per-minute=1.5", "priority=high", "priority=99999999999"}) {
    EXPECT_THAT(ErrorOf(absl::StrCat("a ", kHash, " ", setting)),
                AllOf(HasSubstr("line 1: "), HasSubstr("must be a number")));
  }
  EXPECT_THAT(ErrorOf(absl::StrCat("a ", kHash, " rows=3")),
              HasSubstr("unknown setting rows=3"));
}

}  // namespace
}  // namespace ella
