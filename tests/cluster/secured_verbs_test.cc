// Every verb of `ella`, with a server that asks for certificates and keys.
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/ella_command.h"
#include "tests/cluster/server_process.h"
#include "tests/fakes/test_api_keys.h"
#include "tests/fakes/test_certificates.h"
#include "tests/temp_folder.h"

namespace ella {
namespace {

using ::testing::HasSubstr;

class SecuredVerbsTest : public ::testing::Test {
 protected:
  SecuredVerbsTest() {
    const TestCertificate server = authority_.Issue("server");
    const TestCertificate caller = authority_.Issue("caller");
    folder_.Write("ca", authority_.certificate());
    folder_.Write("server.crt", server.certificate);
    folder_.Write("server.key", server.private_key);
    folder_.Write("caller.crt", caller.certificate);
    folder_.Write("caller.key", caller.private_key);
    folder_.Write("api-key", "abc\n");
    std::filesystem::create_directory(Path("prompts"));
    folder_.Write("prompts/0.txt", "a fox");
    SetKeys(kAbcHash);
    server_ = std::make_unique<ServerProcess>(
        "some",
        std::vector<std::string>{"--tls-cert", Path("server.crt"), "--tls-key",
                                 Path("server.key"), "--tls-client-ca",
                                 Path("ca"), "--api-keys", Path("keys")});
  }

  std::string Path(const std::string& name) const {
    return folder_.path() + "/" + name;
  }

  void SetKeys(const std::string& hash) {
    folder_.Write("keys", absl::StrCat("tester ", hash, " admin\n"));
  }

  // How to call the server, without a key.
  std::vector<std::string> Certified() const {
    return {"--server",
            server_->grpc(),
            "--tls",
            "--ca",
            Path("ca"),
            "--cert",
            Path("caller.crt"),
            "--key",
            Path("caller.key")};
  }
  std::vector<std::string> Access() const {
    std::vector<std::string> access = Certified();
    access.insert(access.end(), {"--api-key-file", Path("api-key")});
    return access;
  }

  static CommandResult Ella(std::vector<std::string> verb,
                            const std::vector<std::string>& access) {
    verb.insert(verb.end(), access.begin(), access.end());
    return RunCommand(verb);
  }

  const TempFolder folder_;
  const TestAuthority authority_{"authority"};
  std::unique_ptr<ServerProcess> server_;
};

TEST_F(SecuredVerbsTest, EachVerbComesIn) {
  const std::vector<std::vector<std::string>> verbs = {
      {"models"},
      {"health"},
      {"generate", "a fox", "--size", "16x16", "-o", Path("image.png")},
      {"compare", "a fox", "--size", "16x16", "-o", Path("compared")},
      {"dpg", "generate", Path("prompts"), "--size", "16x16", "-o",
       Path("grids")},
      {"bench", "--requests", "2", "--sizes", "16x16"}};
  for (const std::vector<std::string>& verb : verbs) {
    const CommandResult result = Ella(verb, Access());
    EXPECT_EQ(result.code, 0) << verb[0] << ": " << result.err;
  }
}

TEST_F(SecuredVerbsTest, WhoLacksSomethingIsToldWhat) {
  const std::vector<std::string> verb = {"models", "--timeout", "2"};
  CommandResult result = Ella(verb, Certified());
  EXPECT_NE(result.code, 0);
  EXPECT_THAT(result.err, HasSubstr("UNAUTHENTICATED"));

  std::vector<std::string> uncertified = Access();
  uncertified.erase(uncertified.begin() + 5, uncertified.begin() + 9);
  EXPECT_NE(Ella(verb, uncertified).code, 0);

  const TestAuthority stranger("stranger");
  std::vector<std::string> elsewhere = Access();
  elsewhere[4] = folder_.Write("stranger", stranger.certificate());
  result = Ella(verb, elsewhere);
  EXPECT_NE(result.code, 0);
  EXPECT_THAT(result.err, HasSubstr("UNAVAILABLE"));
}

TEST_F(SecuredVerbsTest, ARevokedKeyIsRefusedWithoutARestart) {
  ASSERT_EQ(Ella({"models"}, Access()).code, 0);
  SetKeys(kNothingHash);
  CommandResult result;
  do {
    result = Ella({"models"}, Access());
  } while (result.code == 0);
  EXPECT_THAT(result.err, HasSubstr("UNAUTHENTICATED"));
}

}  // namespace
}  // namespace ella
