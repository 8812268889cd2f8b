#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "image/image_metadata.h"
#include "image/png_codec.h"
#include "nlohmann/json.hpp"
#include "tests/client/ella_command.h"
#include "tests/client/fake_service.h"
#include "tests/temp_folder.h"

namespace ella {
namespace {

using ::nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class CliTest : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) { return folder_ + "/" + name; }

  static std::string Content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

  // Returns the exit code.
  int Ella(const std::vector<std::string>& args) {
    const CommandResult result = RunCommand(args);
    out_ = result.out;
    err_ = result.err;
    return result.code;
  }

  int Generate(std::vector<std::string> args) {
    args.insert(args.begin(), {"generate", "--server", server_.address(), "-o",
                               Path("out.png")});
    return Ella(args);
  }

  FakeServer server_;
  const TempFolder temp_folder_;
  const std::string& folder_ = temp_folder_.path();
  std::string out_;
  std::string err_;
};

TEST_F(CliTest, WritesImagesAndPrintsTheirNames) {
  server_.service().AddScript(Success(3));
  EXPECT_EQ(Generate({"a fox", "--count", "3"}), 0);
  EXPECT_EQ(out_, absl::StrCat(Path("out.png"), "\n", Path("out.1.png"), "\n",
                               Path("out.2.png"), "\n"));
  EXPECT_EQ(err_, "");
  EXPECT_EQ(Content(Path("out.png")), "image 0");
  EXPECT_EQ(Content(Path("out.2.png")), "image 2");
  EXPECT_EQ(server_.service().requests()[0].num_images(), 3u);
}

TEST_F(CliTest, PromptsMayLookLikeVerbs) {
  server_.service().AddScript(Success(1));
  EXPECT_EQ(Generate({"models"}), 0);
  EXPECT_EQ(server_.service().requests()[0].prompt(), "models");
  EXPECT_EQ(Generate({""}), 0);
  EXPECT_EQ(server_.service().requests()[1].prompt(), "");
}

TEST_F(CliTest, PrintsOneJsonObject) {
  server_.service().AddScript(Success(2));
  EXPECT_EQ(Generate({"a fox", "--json", "--request-id", "mine"}), 0);
  const json result = json::parse(out_);
  EXPECT_EQ(result["request_id"], "mine");
  EXPECT_EQ(result["images"],
            json::parse(absl::StrCat(
                R"([{"index": 0, "seed": 40, "width": 64, "height": 32,
                     "file": ")",
                Path("out.png"),
                R"("}, {"index": 1, "seed": 41, "width": 64, "height": 32,
                        "file": ")",
                Path("out.1.png"), R"("}])")));
  EXPECT_EQ(result["tokens"]["prompt"]["given"], 9);
  EXPECT_EQ(result["tokens"]["negative_prompt"]["used"], 1);
  EXPECT_EQ(result["timings"]["denoise"], 0.5);
  EXPECT_THAT(result["previews"], IsEmpty());
  EXPECT_FALSE(result.contains("error"));
}

TEST_F(CliTest, WritesPreviewsIntoANewFolder) {
  server_.service().AddScript(
      [](const v1::GenerateRequest&, FakeService::Writer& writer) {
        writer.Write(PreviewEvent(12, "preview"));
        writer.Write(ImageEvent(0, 1, "image"));
        writer.Write(DoneEvent());
        return grpc::Status::OK;
      });
  EXPECT_EQ(Generate({"a fox", "--preview-every", "12", "--preview-dir",
                      Path("a/b"), "--json"}),
            0);
  EXPECT_EQ(Content(Path("a/b/step-012.0.png")), "preview");
  EXPECT_EQ(json::parse(out_)["previews"][0]["file"],
            Path("a/b/step-012.0.png"));
}

TEST_F(CliTest, NamesEachBadField) {
  server_.service().AddScript(Refusal(BadRequestStatus(
      "2 fields are wrong",
      {{"steps", "must be 1 to 1000, was 0"}, {"width", "was 7"}})));
  EXPECT_EQ(Generate({"a fox", "--steps", "0", "--size", "7x8", "--json"}), 1);
  EXPECT_THAT(err_, HasSubstr("INVALID_ARGUMENT: 2 fields are wrong"));
  EXPECT_THAT(err_, HasSubstr("steps: must be 1 to 1000, was 0"));
  EXPECT_THAT(err_, HasSubstr("width: was 7"));
  const json error = json::parse(out_)["error"];
  EXPECT_EQ(error["code"], "INVALID_ARGUMENT");
  EXPECT_EQ(error["message"], "2 fields are wrong");
  EXPECT_EQ(error["fields"][1]["field"], "width");
  EXPECT_EQ(error["fields"][1]["description"], "was 7");
  EXPECT_FALSE(std::filesystem::exists(Path("out.png")));
}

TEST_F(CliTest, SaysThatItTriesAgain) {
  server_.service().AddScript(
      Refusal(RetryStatus(grpc::StatusCode::RESOURCE_EXHAUSTED, 0.01)));
  server_.service().AddScript(Success(1));
  EXPECT_EQ(Generate({"a fox"}), 0);
  EXPECT_THAT(err_, HasSubstr("RESOURCE_EXHAUSTED: try later; trying again"));
}

TEST_F(CliTest, BadUsageIsTwo) {
  EXPECT_EQ(Ella({}), 2);
  EXPECT_EQ(Ella({"paint"}), 2);
  EXPECT_EQ(Ella({"generate", "no output"}), 2);
  EXPECT_EQ(Ella({"cancel"}), 2);
  EXPECT_EQ(Ella({"health", "--http", "nowhere"}), 2);
  EXPECT_EQ(Generate({"--steps", "many", "a fox"}), 2);
  EXPECT_THAT(err_, HasSubstr("--steps"));
  EXPECT_EQ(Generate({"\xff", "--json"}), 2);
  EXPECT_THAT(err_, HasSubstr("not UTF-8"));
  EXPECT_EQ(json::parse(out_)["error"]["code"], "INVALID_ARGUMENT");
  EXPECT_EQ(server_.service().requests().size(), 0u);
}

TEST_F(CliTest, HelpIsNoError) {
  EXPECT_EQ(Ella({"--help"}), 0);
  EXPECT_THAT(out_, HasSubstr("generate"));
  EXPECT_EQ(Ella({"generate", "--help"}), 0);
  EXPECT_THAT(out_, HasSubstr("--preview-every"));
}

TEST_F(CliTest, ChecksTheFolderBeforeItAsks) {
  server_.service().AddScript(Success(1));
  EXPECT_EQ(Generate({"a fox", "--preview-every", "1", "--preview-dir",
                      "/proc/previews"}),
            1);
  EXPECT_THAT(err_, HasSubstr("/proc/previews"));
  EXPECT_EQ(Ella({"generate", "a fox", "--server", server_.address(), "-o",
                  Path("missing/out.png")}),
            1);
  EXPECT_THAT(err_, HasSubstr(Path("missing/out.png")));
  EXPECT_EQ(server_.service().requests().size(), 0u);
}

TEST_F(CliTest, AFullDiskIsAClearError) {
  if (!std::filesystem::exists("/dev/full")) {
    GTEST_SKIP() << "no /dev/full here";
  }
  server_.service().AddScript(Success(1));
  EXPECT_EQ(Ella({"generate", "a fox", "--server", server_.address(), "-o",
                  "/dev/full"}),
            1);
  EXPECT_THAT(err_, HasSubstr("cannot write /dev/full: No space left"));
  EXPECT_EQ(server_.service().requests().size(), 1u);
}

TEST_F(CliTest, RepeatsAPictureAndWarnsOfOtherWeights) {
  ImageMetadata metadata;
  metadata.params.model = "tiny";
  metadata.params.prompt = "a fox";
  metadata.model_fingerprint = "abc";
  std::ofstream(Path("from.png"), std::ios::binary)
      << *EncodePng({1, 1, {1, 2, 3}}, MetadataToTexts(metadata));
  server_.service().AddScript(Success(1));
  EXPECT_EQ(Generate({"--from", Path("from.png")}), 0);
  EXPECT_EQ(server_.service().requests()[0].prompt(), "a fox");
  EXPECT_THAT(err_, Not(HasSubstr("warning")));
  server_.service().set_fingerprint("other");
  EXPECT_EQ(Generate({"--from", Path("from.png")}), 0);
  EXPECT_THAT(err_, HasSubstr("warning"));
  EXPECT_THAT(err_, HasSubstr("other"));
}

TEST_F(CliTest, ListsModels) {
  EXPECT_EQ(Ella({"models", "--server", server_.address()}), 0);
  EXPECT_THAT(out_, HasSubstr("tiny"));
  EXPECT_THAT(out_, HasSubstr("512x512"));
  EXPECT_THAT(out_, HasSubstr("7.5"));
  EXPECT_EQ(Ella({"models", "--server", server_.address(), "--json"}), 0);
  EXPECT_EQ(json::parse(out_)["models"][0]["fingerprint"], "abc");
}

TEST_F(CliTest, CancelsARequest) {
  EXPECT_EQ(Ella({"cancel", "mine", "--server", server_.address()}), 0);
  EXPECT_EQ(server_.service().cancelled(), std::vector<std::string>{"mine"});
  server_.service().set_cancel_status(
      grpc::Status(grpc::StatusCode::NOT_FOUND, "no request mine"));
  EXPECT_EQ(Ella({"cancel", "mine", "--server", server_.address()}), 1);
  EXPECT_THAT(err_, HasSubstr("NOT_FOUND: no request mine"));
}

TEST_F(CliTest, HealthIsReadinessOverHttp) {
  httplib::Server http;
  int ready_status = 200;
  http.Get("/healthz", [](const httplib::Request&, httplib::Response& reply) {
    reply.set_content("ok\n", "text/plain");
  });
  http.Get("/readyz", [&](const httplib::Request&, httplib::Response& reply) {
    reply.status = ready_status;
    reply.set_content("loading\n", "text/plain");
  });
  const int port = http.bind_to_any_port("127.0.0.1");
  std::thread listener([&http] { http.listen_after_bind(); });
  const std::string address = absl::StrCat("127.0.0.1:", port);
  EXPECT_EQ(Ella({"health", "--http", address}), 0);
  ready_status = 503;
  EXPECT_EQ(Ella({"health", "--http", address}), 1);
  EXPECT_EQ(out_, "/healthz 200 ok\n/readyz 503 loading\n");
  http.stop();
  listener.join();
  EXPECT_EQ(Ella({"health", "--http", address}), 1);
  EXPECT_THAT(out_, HasSubstr("/readyz no answer"));
}

TEST_F(CliTest, HealthOverGrpcIsOfEachServer) {
  grpc::EnableDefaultHealthCheckService(true);
  FakeServer healthy;
  grpc::EnableDefaultHealthCheckService(false);
  EXPECT_EQ(Ella({"health", "--server", healthy.address()}), 0);
  EXPECT_EQ(out_, healthy.address() + " SERVING\n");
  EXPECT_EQ(
      Ella({"health", "--server", healthy.address() + "," + server_.address()}),
      1);
  EXPECT_THAT(out_, HasSubstr("\n" + server_.address() + " no answer: "));
}

// As a process of its own, since the signal is meant for all of its threads.
TEST_F(CliTest, CtrlCCancelsOnTheServer) {
  absl::Notification running, stopped;
  server_.service().AddScript(
      [&](const v1::GenerateRequest& request, FakeService::Writer& writer) {
        writer.Write(QueuedEvent(request.request_id()));
        running.Notify();
        while (writer.Write(ProgressEvent(1, 2))) {
        }
        stopped.Notify();
        return grpc::Status::OK;
      });
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const std::string err = Path("err");
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(),
                                   O_WRONLY | O_CREAT, 0600);
  std::vector<std::string> args = {"ella",         "generate",        "a fox",
                                   "--server",     server_.address(), "-o",
                                   Path("out.png")};
  std::vector<char*> argv;
  for (std::string& arg : args) argv.push_back(arg.data());
  argv.push_back(nullptr);
  pid_t pid = 0;
  ASSERT_EQ(
      posix_spawn(&pid, ELLA_BINARY, &actions, nullptr, argv.data(), environ),
      0);
  posix_spawn_file_actions_destroy(&actions);
  running.WaitForNotification();
  kill(pid, SIGINT);
  int status = 0;
  ASSERT_EQ(waitpid(pid, &status, 0), pid);
  stopped.WaitForNotification();
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 1);
  EXPECT_THAT(Content(err), HasSubstr("CANCELLED"));
  EXPECT_FALSE(std::filesystem::exists(Path("out.png")));
}

}  // namespace
}  // namespace ella
