// Clients that hold connections, calls and memory as long as they can. Others
// are served meanwhile, and what was held is free again in the end.
//
// ELLA_ABUSE_SECONDS=300 makes each kind of abuse last for five minutes.
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "ella/v1/text_to_image.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/cluster/raw_http2.h"
#include "tests/cluster/server_process.h"
#include "tests/cluster/witness.h"

namespace ella {
namespace {

using ::testing::IsEmpty;

constexpr int64_t kMebibyte = 1 << 20;
constexpr uint8_t kResetStream = 3;  // HTTP/2's frame

class AbuseTest : public ::testing::Test {
 protected:
  // Fewer open files than `count`, soon: connections that ended leave some
  // until gRPC notices.
  static bool FilesFall(const ServerProcess& server, int count) {
    const absl::Time until = absl::Now() + absl::Seconds(60);
    while (server.OpenFiles() >= count) {
      if (absl::Now() > until) return false;
      absl::SleepFor(absl::Milliseconds(50));
    }
    return true;
  }
};

TEST_F(AbuseTest, OneByteAtATime) {
  ServerProcess server("some");
  Witness witness(server.grpc());
  const int files = server.OpenFiles();
  {
    std::string whole =
        Http2Hello() + GrpcCall(1, "/ella.v1.TextToImageService/Generate", "");
    whole.pop_back();  // the call never is
    std::vector<RawConnection> connections;
    for (int i = 0; i < 200; ++i) connections.emplace_back(server.grpc());
    const absl::Time until = absl::Now() + AbuseTime();
    for (size_t sent = 0; absl::Now() < until; ++sent) {
      // The first half never says anything.
      for (size_t i = connections.size() / 2; i < connections.size(); ++i) {
        if (sent < whole.size()) connections[i].Send(whole.substr(sent, 1));
      }
      absl::SleepFor(absl::Milliseconds(50));
    }
    // Who doesn't say within 10 s that it speaks HTTP/2 is sent away.
    EXPECT_TRUE(connections[0].AwaitEnd(absl::Seconds(60)));
  }
  EXPECT_THAT(witness.Stop(), IsEmpty());
  EXPECT_GT(witness.served(), 0);
  EXPECT_TRUE(FilesFall(server, files + 20));
  EXPECT_EQ(server.Stop(), 0);
}

TEST_F(AbuseTest, HalfOpenConnectionsEnd) {
  ServerProcess server("some", {"--grpc-keepalive-seconds", "1",
                                "--grpc-keepalive-timeout-seconds", "1"});
  Witness witness(server.grpc());
  std::vector<RawConnection> connections;
  for (int i = 0; i < 100; ++i) {
    connections.emplace_back(server.grpc());
    // Every second one has a call under way.
    connections.back().Send(Http2Hello());
    if (i % 2 == 0) {
      connections.back().Send(Http2Frame(/*HEADERS*/ 1, 0, 1, ""));
    }
  }
  for (RawConnection& connection : connections) {
    EXPECT_TRUE(connection.AwaitEnd(absl::Seconds(60)));
  }
  EXPECT_THAT(witness.Stop(), IsEmpty());
  EXPECT_EQ(server.Stop(), 0);
}

TEST_F(AbuseTest, ThoseWhoNeverRead) {
  ServerProcess server("some", {"--grpc-stall-seconds", "1"});
  Witness witness(server.grpc());
  const int64_t before = server.ResidentBytes();
  std::atomic<int64_t> most = 0;
  const absl::Time until = absl::Now() + AbuseTime();
  std::vector<std::thread> deaf;
  for (int i = 0; i < 8; ++i) {
    deaf.emplace_back([&] {
      v1::GenerateRequest request;
      request.set_width(512);
      request.set_height(512);
      request.set_num_images(8);
      do {
        // It opens no window beyond HTTP/2's first 64 KiB.
        RawConnection connection(server.grpc());
        connection.Send(Http2Hello() +
                        GrpcCall(1, "/ella.v1.TextToImageService/Generate",
                                 request.SerializeAsString()));
        EXPECT_TRUE(connection.AwaitFrame(kResetStream, absl::Seconds(60)));
        most = std::max<int64_t>(most, server.ResidentBytes());
      } while (absl::Now() < until);
    });
  }
  for (std::thread& thread : deaf) thread.join();
  EXPECT_THAT(witness.Stop(), IsEmpty());
  // 64 pictures of 768 KiB, and as many on their way.
  EXPECT_LT(most - before, 512 * kMebibyte);
  EXPECT_EQ(server.Stop(), 0);
}

// Thousands of calls that ask for nothing but to be told, as every gRPC client
// with health checks has one.
TEST_F(AbuseTest, ThoseWhoWatchHoldNobodyUp) {
  // These clients answer no pings.
  ServerProcess server("some", {"--grpc-keepalive-seconds", "3600"});
  const std::string watch = [] {
    std::string calls = Http2Hello();
    for (uint32_t stream = 1; stream < 256; stream += 2) {
      calls += GrpcCall(stream, "/grpc.health.v1.Health/Watch", "");
    }
    return calls;
  }();
  std::vector<RawConnection> watchers;
  for (int i = 0; i < 24; ++i) {
    watchers.emplace_back(server.grpc());
    ASSERT_TRUE(watchers.back().Send(watch));
    ASSERT_TRUE(watchers.back().AwaitFrame(/*HEADERS*/ 1, absl::Seconds(60)));
  }
  // Were each held up for as long as can be, this would take 20 s.
  const absl::Time begin = absl::Now();
  for (int i = 0; i < 200; ++i) {
    RawConnection connection(server.grpc());
    ASSERT_TRUE(connection.Send(Http2Hello()));
    ASSERT_TRUE(connection.AwaitFrame(/*SETTINGS*/ 4, absl::Seconds(60)));
  }
  EXPECT_LT(absl::Now() - begin, absl::Seconds(10));
  // A long prompt is no flood.
  Witness witness(server.grpc(), std::string(8192, 'x'));
  absl::SleepFor(AbuseTime());
  EXPECT_THAT(witness.Stop(), IsEmpty());
  EXPECT_GT(witness.served(), 0);
  for (RawConnection& watcher : watchers) EXPECT_TRUE(watcher.Receive());
  EXPECT_EQ(server.Stop(), 0);
}

TEST_F(AbuseTest, ManyConnections) {
  rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  const rlim_t wanted = AbuseTime() < absl::Seconds(10) ? 1000 : 10000;
  const int count =
      static_cast<int>(std::min<rlim_t>(wanted, files.rlim_cur - 200));
  ServerProcess server("some",
                       {"--grpc-max-connections", std::to_string(count + 200),
                        "--grpc-max-connection-idle-seconds", "3600",
                        "--grpc-keepalive-seconds", "3600"});
  Witness witness(server.grpc());
  const int files_before = server.OpenFiles();
  const int64_t before = server.ResidentBytes();
  {
    std::vector<RawConnection> connections;
    for (int i = 0; i < count; ++i) {
      connections.emplace_back(server.grpc());
      ASSERT_TRUE(connections.back().ok()) << i;
      connections.back().Send(Http2Hello());
    }
    const absl::Time until = absl::Now() + AbuseTime();
    const int served = witness.served();
    while (absl::Now() < until || witness.served() < served + 3) {
      for (RawConnection& connection : connections) connection.Receive();
      absl::SleepFor(absl::Milliseconds(100));
    }
    const int64_t taken = server.ResidentBytes() - before;
    std::cout << count << " connections, " << taken / count
              << " bytes a connection\n";
    EXPECT_GE(server.OpenFiles(), count);
    EXPECT_LT(taken, 1024 * kMebibyte);
  }
  EXPECT_THAT(witness.Stop(), IsEmpty());
  EXPECT_TRUE(FilesFall(server, files_before + 50));
  EXPECT_EQ(server.Stop(), 0);
}

// When the process may open no more files, it must take connections again once
// it may.
TEST_F(AbuseTest, MoreConnectionsThanFiles) {
  ServerProcess server("some", {}, "127.0.0.1:0", [] {
    const rlimit few = {100, 100};
    setrlimit(RLIMIT_NOFILE, &few);
  });
  {
    std::vector<RawConnection> connections;
    for (int i = 0; i < 200; ++i) {
      connections.emplace_back(server.grpc());
      connections.back().Send(Http2Hello());
    }
    absl::SleepFor(AbuseTime());
  }
  Witness witness(server.grpc());
  EXPECT_THAT(witness.Stop(), IsEmpty());
  EXPECT_EQ(server.Stop(), 0);
}

}  // namespace
}  // namespace ella
