// Several servers under load, of which some are killed, drained and restarted,
// or lose their device: no client goes without its images.
#include <httplib.h>
#include <signal.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "client/generate_client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/client/channels_to.h"
#include "tests/client/ella_command.h"
#include "tests/cluster/server_process.h"
#include "tests/temp_folder.h"

namespace ella {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

absl::StatusOr<std::map<uint32_t, uint32_t>> SeedsByImage(
    GenerateClient& client, const v1::GenerateRequest& request) {
  std::map<uint32_t, uint32_t> seeds;
  const absl::Status status = client.Generate(
      request, absl::Now() + absl::Minutes(2),
      [&](const v1::GenerateResponse& event) {
        if (event.has_image() &&
            !seeds.emplace(event.image().image_index(), event.image().seed())
                 .second) {
          return absl::InternalError("an image came twice");
        }
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  return seeds;
}

// Clients that ask for two images again and again. The first one of each begins
// with another server.
class Load {
 public:
  Load(const std::vector<std::string>& addresses, int clients) {
    for (int i = 0; i < clients; ++i) {
      threads_.emplace_back([this, addresses, i] { Work(addresses, i); });
    }
  }
  ~Load() { Stop(); }

  // Until so many further requests have ended.
  void Await(int requests) {
    absl::MutexLock lock(&mutex_);
    const int until = ended_ + requests;
    auto reached = [this, until]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return ended_ >= until;
    };
    mutex_.Await(absl::Condition(&reached));
  }

  // What made clients try again, and whose fault it was.
  std::vector<std::pair<std::string, absl::Status>> retries() {
    absl::MutexLock lock(&mutex_);
    return retries_;
  }

  // What went wrong.
  std::vector<std::string> Stop() {
    {
      absl::MutexLock lock(&mutex_);
      stopped_ = true;
    }
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    absl::MutexLock lock(&mutex_);
    return failures_;
  }

 private:
  void Work(std::vector<std::string> addresses, int client_index) {
    std::rotate(addresses.begin(),
                addresses.begin() + client_index % addresses.size(),
                addresses.end());
    ClientOptions options;
    options.on_retry = [this](const std::string& server,
                              const absl::Status& error, absl::Duration) {
      absl::MutexLock lock(&mutex_);
      retries_.emplace_back(server, error);
    };
    GenerateClient client(ChannelsTo(addresses), options);
    for (uint32_t seed = 100; !stopped(); seed += 2) {
      v1::GenerateRequest request;
      request.set_prompt("a fox");
      request.set_seed(seed);
      request.set_num_images(2);
      request.set_steps(20);
      const auto seeds = SeedsByImage(client, request);
      absl::MutexLock lock(&mutex_);
      ++ended_;
      if (!seeds.ok()) {
        failures_.push_back(seeds.status().ToString());
      } else if (*seeds !=
                 std::map<uint32_t, uint32_t>{{0, seed}, {1, seed + 1}}) {
        failures_.push_back(
            absl::StrCat("seed ", seed, ": ",
                         absl::StrJoin(*seeds, " ", absl::PairFormatter(":"))));
      }
    }
  }

  bool stopped() {
    absl::MutexLock lock(&mutex_);
    return stopped_;
  }

  absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  int ended_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::string> failures_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::pair<std::string, absl::Status>> retries_
      ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

// Only those that it had, with a code that says to try again.
TEST(FailoverTest, AKilledServersRequestsAreDoneByAnother) {
  constexpr int kClients = 6;
  ServerProcess killed("paced"), other("paced");
  Load load({killed.grpc(), other.grpc()}, kClients);
  load.Await(12);
  EXPECT_THAT(load.retries(), IsEmpty());
  killed.Signal(SIGKILL);
  load.Await(24);
  EXPECT_THAT(load.Stop(), IsEmpty());
  const std::vector<std::pair<std::string, absl::Status>> retries =
      load.retries();
  EXPECT_FALSE(retries.empty());
  EXPECT_LE(retries.size(), kClients);
  for (const auto& [server, error] : retries) {
    EXPECT_EQ(server, killed.grpc());
    EXPECT_EQ(error.code(), absl::StatusCode::kUnavailable) << error;
  }
  EXPECT_EQ(killed.Wait(), -SIGKILL);
  EXPECT_EQ(other.Stop(), 0);
}

TEST(FailoverTest, RollingRestartsLoseNothing) {
  constexpr int kServers = 3;
  ServerGroup servers("paced", kServers);
  Load load(servers.addresses(), 9);
  for (int i = 0; i < kServers; ++i) {
    load.Await(12);
    EXPECT_EQ(servers.Restart(i), 0);
    EXPECT_EQ(servers.server(i).grpc(), servers.addresses()[i]);
  }
  load.Await(12);
  EXPECT_THAT(load.Stop(), IsEmpty());
}

// Less time to drain than a request takes: what runs is handed back, too.
TEST(FailoverTest, ADrainThatIsTooShortLosesNothing) {
  ServerProcess stopped("paced", {"--drain-seconds", "0"}), other("paced");
  Load load({stopped.grpc(), other.grpc()}, 6);
  load.Await(12);
  EXPECT_EQ(stopped.Stop(), 0);
  load.Await(12);
  EXPECT_THAT(load.Stop(), IsEmpty());
}

TEST(FailoverTest, ALostDeviceTurnsLivenessOff) {
  ServerProcess fragile("fragile"), other("paced");
  httplib::Client http("http://" + fragile.http());
  EXPECT_EQ(http.Get("/healthz")->status, 200);
  GenerateClient client(ChannelsTo({fragile.grpc(), other.grpc()}), {});
  v1::GenerateRequest request;
  request.set_seed(666);
  EXPECT_TRUE(SeedsByImage(client, request).ok());
  const httplib::Result health = http.Get("/healthz");
  EXPECT_EQ(health->status, 503);
  EXPECT_THAT(health->body, HasSubstr("CUDA error: 700"));
  EXPECT_EQ(http.Get("/readyz")->status, 503);
  EXPECT_EQ(fragile.Stop(), 0);
}

// In a process of its own: here gRPC's servers would keep its connections
// going.
TEST(FailoverTest, AServerThatComesLateIsFoundAtTheNextTry) {
  const TempFolder folder;
  const std::string log = folder.path() + "/log";
  const auto tries = [&log] {
    std::ifstream in(log);
    const std::string text(std::istreambuf_iterator<char>(in), {});
    int count = 0;
    for (size_t at = 0; (at = text.find("trying again", at)) != text.npos; ++at)
      ++count;
    return count;
  };
  const std::string address = [] { return ServerProcess("paced").grpc(); }();
  EllaProcess client({"generate", "a fox", "-o", folder.path() + "/fox.png",
                      "--server", address, "--steps", "2"},
                     log);
  while (tries() < 2) absl::SleepFor(absl::Milliseconds(10));
  ServerProcess late("paced", {}, address);
  const int before = tries();
  EXPECT_EQ(client.Wait(), 0);
  EXPECT_LE(tries(), before + 1);
}

TEST(FailoverTest, ABenchmarkGoesOnToo) {
  ServerGroup servers("paced", 3);
  CommandResult result;
  std::thread bench([&] {
    result = RunCommand(
        {"bench", "--server", absl::StrJoin(servers.addresses(), ","),
         "--retry", "--concurrency", "9", "--requests", "150", "--steps", "20",
         "--images", "1,2", "--sizes", "16x16", "--json"});
  });
  httplib::Client http("http://" + servers.server(0).http());
  while (http.Get("/metrics")->body.find("ella_images_total 0\n") !=
         std::string::npos) {
    absl::SleepFor(absl::Milliseconds(10));
  }
  servers.server(0).Signal(SIGKILL);
  bench.join();
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(nlohmann::json::parse(result.out)["outcomes"],
            nlohmann::json::parse(R"({"OK": 150})"));
}

}  // namespace
}  // namespace ella
