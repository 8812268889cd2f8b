#include "server/identity/api_keys.h"

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/scheduling/retry_delay.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/test_api_keys.h"
#include "tests/temp_folder.h"

namespace ella {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ApiKeysTest : public ::testing::Test {
 protected:
  // The key "abc" is web's, with these settings.
  void Load(const std::string& settings = "") {
    Write(settings);
    absl::StatusOr<std::unique_ptr<ApiKeys>> keys =
        ApiKeys::Load(path_, &clock_, [this](absl::string_view warning) {
          warnings_.push_back(std::string(warning));
        });
    ASSERT_TRUE(keys.ok()) << keys.status();
    keys_ = *std::move(keys);
  }
  void Write(const std::string& settings) {
    folder_.Write("keys", absl::StrCat("web ", kAbcHash, " ", settings, "\n"));
  }

  Caller Web() {
    absl::StatusOr<Caller> web = keys_->Find("abc");
    EXPECT_TRUE(web.ok()) << web.status();
    return web.ok() ? *web : Caller();
  }
  absl::StatusOr<ApiKeys::Place> Admit(int num_images, int priority = 0) {
    return keys_->Admit(Web(), priority, num_images);
  }

  FakeClock clock_;
  const TempFolder folder_;
  const std::string path_ = folder_.path() + "/keys";
  std::vector<std::string> warnings_;
  std::unique_ptr<ApiKeys> keys_;
};

TEST_F(ApiKeysTest, FindsTheCallerOfAKeyAndNobodyElse) {
  Load("priority=3");
  EXPECT_EQ(Web().name, "web");
  EXPECT_EQ(Web().limits.max_priority, 3);
  for (const char* wrong : {"", "ab", "abcd", "Abc", kAbcHash}) {
    EXPECT_EQ(keys_->Find(wrong).status().code(),
              absl::StatusCode::kUnauthenticated)
        << wrong;
  }
}

TEST_F(ApiKeysTest, AChangedFileCountsFromTheNextCall) {
  Load();
  folder_.Write("keys", absl::StrCat("job ", kNothingHash, "\nnew ", kAbcHash));
  EXPECT_EQ(Web().name, "new");
  folder_.Write("keys", absl::StrCat("job ", kNothingHash));
  EXPECT_EQ(keys_->Find("abc").status().code(),
            absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(keys_->Find("")->name, "job");
}

TEST_F(ApiKeysTest, ABrokenFileKeepsTheKeys) {
  Load();
  folder_.Write("keys", "web");
  EXPECT_EQ(Web().name, "web");
  ASSERT_THAT(warnings_, ElementsAre(HasSubstr(path_ + ": line 1: ")));
  folder_.Write("keys", "");
  EXPECT_EQ(Web().name, "web");
  std::filesystem::remove(path_);
  EXPECT_EQ(Web().name, "web");
  EXPECT_EQ(warnings_.size(), 3u);
}

TEST_F(ApiKeysTest, TheFirstFileMustBeGood) {
  folder_.Write("keys", "web");
  EXPECT_THAT(ApiKeys::Load(path_, &clock_, nullptr).status().message(),
              HasSubstr(path_ + ": line 1: "));
  EXPECT_THAT(
      ApiKeys::Load(path_ + ".none", &clock_, nullptr).status().message(),
      HasSubstr(path_ + ".none"));
}

TEST_F(ApiKeysTest, WithoutSettingsAllIsAllowedButPriority) {
  Load();
  std::vector<ApiKeys::Place> places;
  for (int i = 0; i < 100; ++i) {
    absl::StatusOr<ApiKeys::Place> place = Admit(8);
    ASSERT_TRUE(place.ok()) << place.status();
    places.push_back(*std::move(place));
  }
  EXPECT_TRUE(Admit(1, -5).ok());
  EXPECT_EQ(Admit(1, 1).status().code(), absl::StatusCode::kPermissionDenied);
}

TEST_F(ApiKeysTest, PriorityIsBounded) {
  Load("priority=3");
  EXPECT_TRUE(Admit(1, 3).ok());
  const absl::Status refused = Admit(1, 4).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(refused.message(), HasSubstr("at most 3"));
}

TEST_F(ApiKeysTest, ImagesComeBackAsTheirPlaceGoes) {
  Load("images=4");
  absl::StatusOr<ApiKeys::Place> three = Admit(3);
  ASSERT_TRUE(three.ok()) << three.status();
  absl::StatusOr<ApiKeys::Place> one = Admit(1);
  ASSERT_TRUE(one.ok()) << one.status();
  const absl::Status refused = Admit(1).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_GT(GetRetryDelay(refused), absl::ZeroDuration());
  EXPECT_THAT(refused.message(), HasSubstr("4 wait or are in work"));
  three->reset();
  EXPECT_TRUE(Admit(3).ok());  // and given back at once
  EXPECT_EQ(Admit(4).status().code(), absl::StatusCode::kResourceExhausted);
  one->reset();
  EXPECT_TRUE(Admit(4).ok());
  // Would never do, so it isn't to be tried again.
  EXPECT_EQ(Admit(5).status().code(), absl::StatusCode::kPermissionDenied);
}

TEST_F(ApiKeysTest, PlacesOutliveAChangeOfTheFile) {
  Load("images=4");
  absl::StatusOr<ApiKeys::Place> three = Admit(3);
  ASSERT_TRUE(three.ok()) << three.status();
  Write("images=3");
  EXPECT_EQ(Admit(1).status().code(), absl::StatusCode::kResourceExhausted);
  three->reset();
  EXPECT_TRUE(Admit(3).ok());
}

TEST_F(ApiKeysTest, RequestsComeBackWithTime) {
  Load("requests-per-minute=2");
  EXPECT_TRUE(Admit(8).ok());
  EXPECT_TRUE(Admit(1).ok());
  const absl::Status refused = Admit(1).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(GetRetryDelay(refused), absl::Seconds(30));
  clock_.Advance(absl::Seconds(30));
  EXPECT_TRUE(Admit(1).ok());
  EXPECT_FALSE(Admit(1).ok());
  Write("requests-per-minute=1");
  EXPECT_TRUE(Admit(1).ok());
  EXPECT_EQ(GetRetryDelay(Admit(1).status()), absl::Minutes(1));
}

TEST_F(ApiKeysTest, WhatIsRefusedForItsImagesDoesntCountAsARequest) {
  Load("requests-per-minute=2 images=1");
  absl::StatusOr<ApiKeys::Place> place = Admit(1);
  ASSERT_TRUE(place.ok()) << place.status();
  EXPECT_THAT(Admit(1).status().message(), HasSubstr("images at once"));
  place->reset();
  EXPECT_TRUE(Admit(1).ok());
}

TEST_F(ApiKeysTest, CallersHaveLimitsOfTheirOwn) {
  Load("images=1");
  folder_.Write("keys", absl::StrCat("web ", kAbcHash, " images=1\njob ",
                                     kNothingHash, " images=1"));
  absl::StatusOr<ApiKeys::Place> webs = Admit(1);
  EXPECT_TRUE(webs.ok()) << webs.status();
  EXPECT_TRUE(keys_->Admit(*keys_->Find(""), 0, 1).ok());
  EXPECT_THAT(warnings_, IsEmpty());
}

}  // namespace
}  // namespace ella
