// The server as a process: its log, signals and exit status.
#include <httplib.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>

#include "ella/v1/text_to_image.grpc.pb.h"
#include "gmock/gmock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "gtest/gtest.h"

namespace ella {
namespace {

using ::testing::HasSubstr;

class Process {
 public:
  explicit Process(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), ELLA_FAKE_SERVER);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    int fds[2];
    if (pipe(fds) != 0) abort();
    pid_ = fork();
    if (pid_ == 0) {
      dup2(fds[1], STDERR_FILENO);
      dup2(fds[1], STDOUT_FILENO);
      close(fds[0]);
      close(fds[1]);
      execv(argv[0], argv.data());
      _exit(127);
    }
    close(fds[1]);
    output_ = fdopen(fds[0], "r");
  }
  ~Process() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    fclose(output_);
  }

  // Reads on to a line with the text; all that came, where there is none.
  std::string LineWith(const std::string& text) {
    std::string all;
    char line[4096];
    while (fgets(line, sizeof(line), output_) != nullptr) {
      if (std::string(line).find(text) != std::string::npos) return line;
      all += line;
    }
    return all;
  }

  void Signal(int signal) { kill(pid_, signal); }

  int WaitForExit() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  pid_t pid_ = 0;
  FILE* output_ = nullptr;
};

// A server on free ports.
struct Serving {
  explicit Serving(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"--model",       "some",
                                          "--listen",      "127.0.0.1:0",
                                          "--http-listen", "127.0.0.1:0"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    process = std::make_unique<Process>(arguments);
    line = process->LineWith("serving grpc=");
    grpc = After("grpc=");
    http = After("http=");
  }

  std::string After(const std::string& key) const {
    const size_t begin = line.find(key) + key.size();
    return line.substr(begin, line.find_first_of(" \n", begin) - begin);
  }

  int Get(const std::string& path) const {
    httplib::Result result = httplib::Client("http://" + http).Get(path);
    return result ? result->status : 0;
  }

  std::unique_ptr<Process> process;
  std::string line, grpc, http;
};

TEST(RunServerTest, ServesUntilSigterm) {
  for (int signal : {SIGTERM, SIGINT}) {
    Serving server;
    EXPECT_EQ(server.Get("/readyz"), 200) << server.line;
    server.process->Signal(signal);
    EXPECT_EQ(server.process->WaitForExit(), 0);
  }
}

TEST(RunServerTest, MetricsCountEachRequestOnce) {
  Serving server;
  auto stub = v1::TextToImageService::NewStub(
      grpc::CreateChannel(server.grpc, grpc::InsecureChannelCredentials()));
  for (int width : {16, 16, 13}) {
    grpc::ClientContext context;
    v1::GenerateImagesRequest request;
    request.mutable_request()->set_width(width);
    request.mutable_request()->set_height(16);
    v1::GenerateImagesResponse response;
    stub->GenerateImages(&context, request, &response);
  }
  const httplib::Result page =
      httplib::Client("http://" + server.http).Get("/metrics");
  ASSERT_TRUE(page);
  for (const char* line :
       {"ella_requests_total{code=\"OK\"} 2\n",
        "ella_requests_total{code=\"INVALID_ARGUMENT\"} 1\n",
        "ella_requests_total{code=\"CANCELLED\"} 0\n",
        "ella_request_duration_seconds_count 2\n", "ella_images_total 2\n",
        "ella_active_requests 0\n", "ella_model_info{"}) {
    EXPECT_THAT(page->body, HasSubstr(line));
  }
}

TEST(RunServerTest, ASecondSignalEndsARunningRequest) {
  Serving server({"--max-steps", "1000000000"});
  auto stub = v1::TextToImageService::NewStub(
      grpc::CreateChannel(server.grpc, grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  v1::GenerateRequest request;
  request.set_steps(1000000000);
  auto reader = stub->Generate(&context, request);
  v1::GenerateResponse message;
  while (reader->Read(&message) && !message.has_progress()) {
  }
  server.process->Signal(SIGTERM);
  EXPECT_THAT(server.process->LineWith("stopping"), HasSubstr("30 s"));
  EXPECT_EQ(server.Get("/readyz"), 503);
  EXPECT_EQ(server.Get("/healthz"), 200);
  server.process->Signal(SIGTERM);
  EXPECT_EQ(server.process->WaitForExit(), 0);
  while (reader->Read(&message)) {
  }
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST(RunServerTest, WhileLoadingItLivesAndASignalEndsItAtOnce) {
  Serving ended;
  ended.process->Signal(SIGTERM);
  ended.process->WaitForExit();
  Process process(
      {"--model", "slow", "--listen", ended.grpc, "--http-listen", ended.http});
  EXPECT_THAT(process.LineWith("loading"), HasSubstr("slow"));
  EXPECT_EQ(ended.Get("/healthz"), 200);
  EXPECT_EQ(ended.Get("/startupz"), 503);
  EXPECT_EQ(ended.Get("/readyz"), 503);
  process.Signal(SIGTERM);
  EXPECT_EQ(process.WaitForExit(), 0);
}

TEST(RunServerTest, AModelThatDoesNotLoadIsAnError) {
  Process process({"--model", "missing", "--listen", "127.0.0.1:0",
                   "--http-listen", "127.0.0.1:0"});
  EXPECT_THAT(process.LineWith("no such file"), HasSubstr("config.json"));
  EXPECT_EQ(process.WaitForExit(), 1);
}

TEST(RunServerTest, APortInUseIsAnErrorThatNamesIt) {
  Serving first;
  Process second({"--model", "some", "--listen", first.grpc, "--http-listen",
                  "127.0.0.1:0"});
  EXPECT_THAT(second.LineWith("cannot listen"), HasSubstr(first.grpc));
  EXPECT_EQ(second.WaitForExit(), 1);
  Process third({"--model", "some", "--listen", "127.0.0.1:0", "--http-listen",
                 first.http});
  EXPECT_THAT(third.LineWith("cannot listen"), HasSubstr(first.http));
  EXPECT_EQ(third.WaitForExit(), 1);
}

TEST(RunServerTest, JsonLinesHoldTheServingLineToo) {
  Serving server({"--log-format", "json"});
  EXPECT_THAT(server.line, HasSubstr("\"severity\":\"INFO\",\"message\":"
                                     "\"serving grpc=127.0.0.1:"));
  server.process->Signal(SIGTERM);
  EXPECT_THAT(server.process->LineWith("\"stopped\""), HasSubstr("{\"time\""));
  EXPECT_EQ(server.process->WaitForExit(), 0);
}

TEST(RunServerTest, BadUsageIsNamed) {
  Process process({"--model", "some", "--max-queue", "lots"});
  EXPECT_THAT(process.LineWith("lots"), HasSubstr("--max-queue"));
  EXPECT_EQ(process.WaitForExit(), 2);
}

TEST(RunServerTest, HelpIsNoError) {
  Process process({"--help"});
  EXPECT_THAT(process.LineWith("--max-queue"), HasSubstr("64"));
  EXPECT_EQ(process.WaitForExit(), 0);
}

}  // namespace
}  // namespace ella
