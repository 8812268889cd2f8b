#include "server/logging/trace_context.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace ella {
namespace {

constexpr char kTrace[] = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr char kParent[] = "00f067aa0ba902b7";

TEST(TraceContextTest, ReadsTheStandardsExample) {
  const std::string header = absl::StrCat("00-", kTrace, "-", kParent, "-01");
  const std::optional<TraceContext> context = ParseTraceparent(header);
  ASSERT_TRUE(context);
  EXPECT_EQ(context->trace_id, kTrace);
  EXPECT_EQ(context->parent_id, kParent);
}

TEST(TraceContextTest, LaterVersionsMayGoOn) {
  const std::string later = absl::StrCat("cc-", kTrace, "-", kParent, "-01");
  EXPECT_TRUE(ParseTraceparent(later));
  EXPECT_TRUE(ParseTraceparent(later + "-what-comes"));
  EXPECT_FALSE(ParseTraceparent(later + ".what-comes"));
}

TEST(TraceContextTest, WhatIsMalformedIsNothing) {
  const std::string good = absl::StrCat("00-", kTrace, "-", kParent, "-01");
  for (size_t length = 0; length < good.size(); ++length) {
    EXPECT_FALSE(ParseTraceparent(good.substr(0, length))) << length;
  }
  // Each digit and each hyphen counts.
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = 'g';
    EXPECT_FALSE(ParseTraceparent(bad)) << bad;
  }
  EXPECT_FALSE(ParseTraceparent(good + "-01"));
  EXPECT_FALSE(ParseTraceparent(" " + good));
  EXPECT_FALSE(ParseTraceparent(absl::AsciiStrToUpper(good)));
  EXPECT_FALSE(ParseTraceparent("ff" + good.substr(2)));
  const std::string zero_trace =
      absl::StrCat("00-", std::string(32, '0'), "-", kParent, "-01");
  EXPECT_FALSE(ParseTraceparent(zero_trace));
  const std::string zero_parent =
      absl::StrCat("00-", kTrace, "-", std::string(16, '0'), "-01");
  EXPECT_FALSE(ParseTraceparent(zero_parent));
}

}  // namespace
}  // namespace ella
