#include "client/server_access_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "client/cli.h"
#include "ella/v1/text_to_image.grpc.pb.h"
#include "tests/client/in_process_server.h"
#include "tests/temp_folder.h"

namespace ella {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Notes the keys that come.
class KeyRecorder final : public v1::TextToImageService::Service {
 public:
  std::vector<std::string> keys;

 private:
  grpc::Status ListModels(grpc::ServerContext* context,
                          const v1::ListModelsRequest*,
                          v1::ListModelsResponse*) override {
    const auto [begin, end] =
        context->client_metadata().equal_range("authorization");
    for (auto i = begin; i != end; ++i) {
      keys.emplace_back(i->second.data(), i->second.size());
    }
    return grpc::Status::OK;
  }
};

class ServerAccessOptionsTest : public ::testing::Test {
 protected:
  void TearDown() override { unsetenv("ELLA_API_KEY"); }

  // Returns the exit code.
  int Models(std::vector<std::string> args) {
    args.insert(args.begin(), {"ella", "models", "--server", server_.address(),
                               "--timeout", "30"});
    std::vector<const char*> argv;
    for (const std::string& arg : args) argv.push_back(arg.c_str());
    std::istringstream in;
    std::ostringstream out, err;
    const int code =
        RunElla(static_cast<int>(argv.size()), argv.data(), {in, out, err});
    err_ = err.str();
    return code;
  }

  InProcessServer<KeyRecorder> server_;
  const TempFolder folder_;
  std::string err_;
};

TEST_F(ServerAccessOptionsTest, WithoutAKeyNoneIsSent) {
  EXPECT_EQ(Models({}), 0) << err_;
  EXPECT_THAT(server_.service().keys, IsEmpty());
}

TEST_F(ServerAccessOptionsTest, TheKeyIsOfTheFileOrElseOfTheEnvironment) {
  setenv("ELLA_API_KEY", "abc", 1);
  EXPECT_EQ(Models({}), 0) << err_;
  EXPECT_EQ(Models({"--api-key-file", folder_.Write("key", "def\n")}), 0)
      << err_;
  EXPECT_THAT(server_.service().keys, ElementsAre("Bearer abc", "Bearer def"));
}

TEST_F(ServerAccessOptionsTest, AKeyDoesntLeaveThisMachineUnencrypted) {
  setenv("ELLA_API_KEY", "my-secret", 1);
  EXPECT_EQ(Models({"--server", "10.1.2.3:8001"}), 2);
  EXPECT_THAT(err_, AllOf(HasSubstr("--tls"), HasSubstr("10.1.2.3:8001"),
                          Not(HasSubstr("my-secret"))));
}

TEST_F(ServerAccessOptionsTest, AKeyIsOneWord) {
  for (const char* key : {"two words", "two\nlines", "\xc3\xa9"}) {
    setenv("ELLA_API_KEY", key, 1);
    EXPECT_EQ(Models({}), 2);
    EXPECT_THAT(err_, HasSubstr("one word"));
  }
}

TEST_F(ServerAccessOptionsTest, FilesThatCantBeReadAreNamed) {
  const std::string none = folder_.path() + "/none";
  for (const char* flag : {"--ca", "--api-key-file"}) {
    EXPECT_EQ(Models({"--tls", flag, none}), 2);
    EXPECT_THAT(err_, AllOf(HasSubstr(flag), HasSubstr(none)));
  }
  EXPECT_EQ(Models({"--api-key-file", folder_.Write("empty", "\n")}), 2);
  EXPECT_THAT(err_, HasSubstr("is empty"));
}

TEST_F(ServerAccessOptionsTest, FlagsOfTlsNeedEachOther) {
  const std::string file = folder_.Write("file", "x");
  EXPECT_EQ(Models({"--ca", file}), 2);
  EXPECT_THAT(err_, HasSubstr("--tls"));
  EXPECT_EQ(Models({"--server-name", "x"}), 2);
  EXPECT_EQ(Models({"--tls", "--cert", file}), 2);
  EXPECT_THAT(err_, HasSubstr("--key"));
  EXPECT_EQ(Models({"--tls", "--key", file}), 2);
  EXPECT_THAT(err_, HasSubstr("--cert"));
}

}  // namespace
}  // namespace ella
