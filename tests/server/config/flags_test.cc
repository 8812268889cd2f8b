#include "server/config/flags.h"

#include <cstdlib>
#include <fstream>
#include <map>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/config/host_port.h"

namespace ella {
namespace {

using ::testing::HasSubstr;

class FlagsTest : public ::testing::Test {
 protected:
  absl::StatusOr<Flags> Parse(std::vector<std::string> arguments) {
    return ParseFlags(arguments, [this](const char* name) -> const char* {
      auto it = environment_.find(name);
      return it == environment_.end() ? nullptr : it->second.c_str();
    });
  }

  ServerOptions Options(std::vector<std::string> arguments) {
    absl::StatusOr<Flags> flags = Parse(std::move(arguments));
    EXPECT_TRUE(flags.ok()) << flags.status();
    return flags.ok() ? flags->options : ServerOptions();
  }

  std::string ErrorOf(std::vector<std::string> arguments) {
    absl::StatusOr<Flags> flags = Parse(std::move(arguments));
    EXPECT_EQ(flags.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(flags.status().message());
  }

  std::string File(const std::string& text) {
    const std::string path = ::testing::TempDir() + "/flags_test.conf";
    std::ofstream(path) << text;
    return path;
  }

  std::map<std::string, std::string> environment_;
};

TEST_F(FlagsTest, DefaultsAreTheOptionsOwn) {
  const ServerOptions options = Options({"--model", "dir"});
  EXPECT_EQ(options.listen.grpc, "127.0.0.1:8001");
  EXPECT_EQ(options.listen.http, "127.0.0.1:8002");
  EXPECT_EQ(options.limits.max_pixels, 1048576);
  EXPECT_EQ(options.limits.max_steps, 1000);
  EXPECT_EQ(options.limits.max_prompt_tokens, 512);
  EXPECT_EQ(options.drain_seconds, 30);
  EXPECT_FALSE(options.listen.insecure);
  ASSERT_EQ(options.models.size(), 1);
  EXPECT_EQ(options.models[0].name, "default");
  EXPECT_EQ(options.models[0].model, "dir");
}

TEST_F(FlagsTest, WithoutAModelItIsTheDemo) {
  const ServerOptions options = Options({});
  ASSERT_EQ(options.models.size(), 1);
  EXPECT_EQ(options.models[0].name, "demo");
  EXPECT_THAT(options.models[0].model, HasSubstr("models/demo"));
}

TEST_F(FlagsTest, ModelsHaveNamesAndShareTheRest) {
  const ServerOptions options = Options(
      {"--model", "/a=b/c", "--model=two=sd15:x,t5:y,ella:z", "--device", "cpu",
       "--dtype", "float32", "--t5-dtype", "float32", "--threads", "3"});
  ASSERT_EQ(options.models.size(), 2);
  EXPECT_EQ(options.models[0].name, "default");
  EXPECT_EQ(options.models[0].model, "/a=b/c");
  EXPECT_EQ(options.models[1].name, "two");
  EXPECT_EQ(options.models[1].model, "sd15:x,t5:y,ella:z");
  for (const EngineOptions& model : options.models) {
    EXPECT_EQ(model.device, "cpu");
    EXPECT_EQ(model.dtype, "float32");
    EXPECT_EQ(model.t5_dtype, "float32");
    EXPECT_EQ(model.threads, 3);
  }
}

TEST_F(FlagsTest, FlagBeatsEnvironmentBeatsFile) {
  const std::string file =
      File("model = \"dir\"\nmax-queue = 1\nmax-steps = 1\nmax-pixels = 100\n");
  environment_ = {{"ELLA_MAX_QUEUE", "2"}, {"ELLA_MAX_STEPS", "2"}};
  const ServerOptions options = Options({"--config", file, "--max-queue", "3"});
  EXPECT_EQ(options.queue.max_queue, 3);
  EXPECT_EQ(options.limits.max_steps, 2);
  EXPECT_EQ(options.limits.max_pixels, 100);
  EXPECT_EQ(options.models.at(0).model, "dir");
}

TEST_F(FlagsTest, ListsAreReplacedNotJoined) {
  const std::string file =
      File("model = [\"a=1\", \"b=2\"]\ninsecure = true\n");
  EXPECT_EQ(Options({"--config", file}).models.size(), 2);
  EXPECT_TRUE(Options({"--config", file}).listen.insecure);
  environment_ = {{"ELLA_MODEL", "c=3;d=4;e=5"}};
  EXPECT_EQ(Options({"--config", file}).models.size(), 3);
  EXPECT_EQ(Options({"--config", file, "--model=f=6"}).models.size(), 1);
}

TEST_F(FlagsTest, TheEnvironmentNamesTheFileToo) {
  environment_ = {{"ELLA_CONFIG", File("model = \"dir\"\nmax-queue = 7\n")},
                  {"ELLA_MAX_STEPS", ""}};
  EXPECT_EQ(Options({}).queue.max_queue, 7);
  EXPECT_EQ(Options({}).limits.max_steps, 1000);
}

TEST_F(FlagsTest, WhatIsWrongIsNamed) {
  EXPECT_THAT(ErrorOf({"--model", "d", "--bogus", "1"}), HasSubstr("--bogus"));
  EXPECT_THAT(ErrorOf({"--model", "d", "stray"}), HasSubstr("stray"));
  EXPECT_THAT(ErrorOf({"--model", "d", "--max-queue", "12x"}),
              AllOf(HasSubstr("--max-queue"), HasSubstr("12x")));
  EXPECT_THAT(ErrorOf({"--model", "d", "--max-queue", "99999999999"}),
              HasSubstr("--max-queue"));
  EXPECT_THAT(ErrorOf({"--model", "d", "--max-queue"}),
              HasSubstr("--max-queue"));
  EXPECT_THAT(ErrorOf({"--model", "d", "--max-queue", "0"}),
              AllOf(HasSubstr("--max-queue"), HasSubstr("was 0")));
  EXPECT_THAT(ErrorOf({"--model", "d", "--max-batch-rows=1"}),
              HasSubstr("--max-batch-rows"));
  EXPECT_THAT(ErrorOf({"--model", "d", "--drain-seconds=-1"}),
              HasSubstr("--drain-seconds"));
  EXPECT_THAT(ErrorOf({"--model", "d", "--max-pixels=0"}),
              HasSubstr("--max-pixels"));
  EXPECT_THAT(ErrorOf({"--model", "d", "--max-steps=0"}),
              HasSubstr("--max-steps"));
  EXPECT_THAT(ErrorOf({"--model", "d", "--max-prompt-tokens=0"}),
              HasSubstr("--max-prompt-tokens"));
  EXPECT_THAT(ErrorOf({"--model", "d", "--threads=-1"}),
              HasSubstr("--threads"));
  EXPECT_THAT(ErrorOf({"--model", "d", "--device", "tpu"}), HasSubstr("tpu"));
  EXPECT_THAT(ErrorOf({"--model", "d", "--device", "cuda:x"}),
              HasSubstr("cuda:x"));
  EXPECT_THAT(ErrorOf({"--model", "d", "--dtype", "int8"}), HasSubstr("int8"));
  EXPECT_THAT(ErrorOf({"--model", "d", "--t5-dtype", "auto"}),
              HasSubstr("--t5-dtype"));
  EXPECT_THAT(ErrorOf({"--model", "a=x", "--model", "a=y"}),
              HasSubstr("there twice"));
  EXPECT_THAT(ErrorOf({"--model", "a="}), HasSubstr("names no directory"));
  EXPECT_THAT(ErrorOf({"--model", "d", "--http-listen", "nowhere"}),
              AllOf(HasSubstr("--http-listen"), HasSubstr("nowhere")));
  EXPECT_THAT(ErrorOf({"--model", "d", "--config", "/no/such/file"}),
              HasSubstr("/no/such/file"));
  EXPECT_THAT(ErrorOf({"--config", File("model = \"d\"\nmax-queeu = 1\n")}),
              HasSubstr("max-queeu"));
  environment_ = {{"ELLA_MAX_QUEUE", "many"}};
  EXPECT_THAT(ErrorOf({"--model", "d"}),
              AllOf(HasSubstr("--max-queue"), HasSubstr("many")));
}

TEST_F(FlagsTest, ModelsMayComeAndGo) {
  EXPECT_FALSE(Options({"--model", "d"}).model_store.admin);
  EXPECT_EQ(Options({"--model", "d"}).model_store.budget_bytes(), 0);
  EXPECT_TRUE(Options({"--model", "d", "--admin"}).model_store.admin);
  environment_ = {{"ELLA_MODEL_BUDGET_MB", "9000"}};
  EXPECT_EQ(Options({"--model", "d"}).model_store.budget_bytes(),
            int64_t{9000} << 20);
  EXPECT_THAT(ErrorOf({"--model", "d", "--model-budget-mb=-1"}),
              HasSubstr("--model-budget-mb"));
}

TEST_F(FlagsTest, TheLogHasAFormat) {
  EXPECT_EQ(Options({"--model", "d"}).log.format, "text");
  EXPECT_FALSE(Options({"--model", "d"}).log.prompts);
  EXPECT_EQ(Options({"--model", "d", "--log-format=json"}).log.format, "json");
  environment_ = {{"ELLA_LOG_PROMPTS", "true"}};
  EXPECT_TRUE(Options({"--model", "d"}).log.prompts);
  EXPECT_THAT(ErrorOf({"--model", "d", "--log-format", "xml"}),
              AllOf(HasSubstr("--log-format"), HasSubstr("xml")));
}

TEST_F(FlagsTest, BeyondLoopbackItTakesTlsAndKnownCallers) {
  const auto listen = [](std::vector<std::string> more) {
    more.insert(more.begin(), {"--model", "d", "--listen", "0.0.0.0:1"});
    return more;
  };
  const std::vector<std::string> tls = {"--tls-cert", "c", "--tls-key", "k"};
  EXPECT_THAT(ErrorOf(listen(tls)),
              AllOf(HasSubstr("--api-keys"), HasSubstr("--tls-client-ca")));
  EXPECT_THAT(ErrorOf(listen({"--api-keys", "f"})), HasSubstr("--tls-cert"));
  const IdentityOptions with_keys =
      Options(listen({"--tls-cert", "c", "--tls-key", "k", "--api-keys", "f"}))
          .identity;
  EXPECT_EQ(with_keys.tls_cert, "c");
  EXPECT_EQ(with_keys.tls_key, "k");
  EXPECT_EQ(with_keys.api_keys, "f");
  environment_ = {{"ELLA_TLS_CLIENT_CA", "ca"}};
  EXPECT_EQ(Options(listen(tls)).identity.tls_client_ca, "ca");
}

TEST_F(FlagsTest, FilesOfTlsNeedEachOther) {
  EXPECT_THAT(ErrorOf({"--model", "d", "--tls-cert", "c"}),
              HasSubstr("--tls-key"));
  EXPECT_THAT(ErrorOf({"--model", "d", "--tls-key", "k"}),
              HasSubstr("--tls-cert"));
  EXPECT_THAT(ErrorOf({"--model", "d", "--tls-client-ca", "ca"}),
              HasSubstr("--tls-client-ca needs --tls-cert"));
}

TEST_F(FlagsTest, BeyondLoopbackItTakesInsecure) {
  for (const char* address : {"0.0.0.0:1", "10.0.0.1:1", "[::]:1",
                              "example.org:1", "127.0.0.1.example.org:1"}) {
    EXPECT_THAT(ErrorOf({"--model", "d", "--listen", address}),
                AllOf(HasSubstr("--insecure"), HasSubstr(address)));
    Options({"--model", "d", "--insecure", "--listen", address});
  }
  for (const char* address :
       {"127.0.0.1:0", "127.1.2.3:1", "[::1]:1", "localhost:1"}) {
    Options({"--model", "d", "--listen", address});
  }
  environment_ = {{"ELLA_INSECURE", "1"}};
  Options({"--model", "d", "--listen", "0.0.0.0:1"});
}

TEST_F(FlagsTest, HelpTellsEachFlagWithUnitDefaultAndEnvironment) {
  absl::StatusOr<Flags> flags = Parse({"--help"});
  ASSERT_TRUE(flags.ok());
  for (const char* text :
       {"--model", "--listen HOST:PORT=127.0.0.1:8001", "ELLA_LISTEN",
        "--http-listen", "--device", "--dtype", "--t5-dtype",
        "--max-batch-rows ROWS=16", "--max-queue REQUESTS=64",
        "--max-pixels PIXELS=1048576", "--max-steps STEPS=1000",
        "--max-prompt-tokens TOKENS=512", "--threads", "--insecure",
        "--drain-seconds SECONDS=30", "ELLA_DRAIN_SECONDS", "--config"}) {
    EXPECT_THAT(flags->information, HasSubstr(text));
  }
  EXPECT_FALSE(Parse({"--version"})->information.empty());
}

TEST(HostPortTest, ReadsAndWrites) {
  for (const char* good : {"localhost:0", "1.2.3.4:65535", "[::1]:8001"}) {
    absl::StatusOr<HostPort> parsed = ParseHostPort("--listen", good);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(parsed->ToString(), good);
  }
  for (const char* bad : {"", ":", ":1", "host", "host:", "host:x", "host:-1",
                          "host:65536", "::1:8001", "[]:1"}) {
    EXPECT_FALSE(ParseHostPort("--listen", bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace ella
