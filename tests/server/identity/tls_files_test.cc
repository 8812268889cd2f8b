#include "server/identity/tls_files.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/test_certificates.h"
#include "tests/temp_folder.h"

namespace ella {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class TlsFilesTest : public ::testing::Test {
 protected:
  void Write(const TestCertificate& certificate) {
    options_.tls_cert = folder_.Write("cert.pem", certificate.certificate);
    options_.tls_key = folder_.Write("key.pem", certificate.private_key);
  }

  absl::StatusOr<std::unique_ptr<TlsFiles>> Load() {
    return TlsFiles::Load(options_, &clock_, [this](absl::string_view warning) {
      warnings_.push_back(std::string(warning));
    });
  }
  std::string Error() {
    const absl::Status status = Load().status();
    EXPECT_FALSE(status.ok());
    return std::string(status.message());
  }

  const TempFolder folder_;
  const TestAuthority authority_{"authority"};
  const TestCertificate first_ = authority_.Issue("first");
  const TestCertificate second_ = authority_.Issue("second");
  const SystemClock clock_;
  IdentityOptions options_;
  std::vector<std::string> warnings_;
};

TEST_F(TlsFilesTest, GivesWhatIsNewOnce) {
  Write(first_);
  options_.tls_client_ca = folder_.Write("ca.pem", authority_.certificate());
  absl::StatusOr<std::unique_ptr<TlsFiles>> files = Load();
  ASSERT_TRUE(files.ok()) << files.status();
  EXPECT_TRUE((*files)->asks_for_client_certificates());
  std::optional<TlsMaterial> material = (*files)->TakeNew();
  ASSERT_TRUE(material.has_value());
  EXPECT_EQ(material->certificates, first_.certificate);
  EXPECT_EQ(material->private_key, first_.private_key);
  EXPECT_EQ(material->client_ca, authority_.certificate());
  EXPECT_FALSE((*files)->TakeNew().has_value());
  Write(second_);
  material = (*files)->TakeNew();
  ASSERT_TRUE(material.has_value());
  EXPECT_EQ(material->certificates, second_.certificate);
  const TestAuthority other("other");
  folder_.Write("ca.pem", absl::StrCat(authority_.certificate(), "\n",
                                       other.certificate()));
  EXPECT_TRUE((*files)->TakeNew().has_value());
  EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(TlsFilesTest, APairThatChangesInTwoStepsIsTakenWhole) {
  Write(first_);
  absl::StatusOr<std::unique_ptr<TlsFiles>> files = Load();
  ASSERT_TRUE(files.ok()) << files.status();
  EXPECT_TRUE((*files)->TakeNew().has_value());
  const std::string cert = second_.certificate;
  folder_.Write("cert.pem", cert.substr(0, cert.size() / 2));
  EXPECT_FALSE((*files)->TakeNew().has_value());
  folder_.Write("cert.pem", cert);
  EXPECT_FALSE((*files)->TakeNew().has_value());
  folder_.Write("key.pem", second_.private_key);
  const std::optional<TlsMaterial> material = (*files)->TakeNew();
  ASSERT_TRUE(material.has_value());
  EXPECT_EQ(material->certificates, cert);
  EXPECT_EQ(material->private_key, second_.private_key);
  ASSERT_THAT(warnings_, SizeIs(2));
  EXPECT_THAT(warnings_[0], HasSubstr(options_.tls_cert));
  EXPECT_THAT(warnings_[1], HasSubstr("is not the private key"));
}

TEST_F(TlsFilesTest, WhatCantBeUsedAtTheStartIsNamed) {
  Write(first_);
  folder_.Write("key.pem", second_.private_key);
  EXPECT_THAT(Error(), AllOf(HasSubstr(options_.tls_key + ": is not the"),
                             HasSubstr(options_.tls_cert)));
  folder_.Write("key.pem", first_.certificate);
  EXPECT_THAT(Error(), HasSubstr(options_.tls_key + ": has no private key"));
  std::filesystem::remove(options_.tls_key);
  EXPECT_THAT(Error(), HasSubstr(options_.tls_key + ": "));
  Write(first_);
  folder_.Write("cert.pem", "");
  EXPECT_THAT(Error(), HasSubstr(options_.tls_cert + ": has no certificate"));
  folder_.Write("cert.pem",
                absl::StrCat(first_.certificate,
                             authority_.certificate().substr(0, 200)));
  EXPECT_THAT(Error(),
              HasSubstr(options_.tls_cert + ": a certificate is broken"));
  Write(first_);
  options_.tls_client_ca = folder_.Write("ca.pem", first_.private_key);
  EXPECT_THAT(Error(), HasSubstr(options_.tls_client_ca + ": "));
  folder_.Write("ca.pem", authority_.certificate());
  EXPECT_TRUE(Load().ok());
}

}  // namespace
}  // namespace ella
