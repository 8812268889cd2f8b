// Malformed HTTP/2 and protobuf, made from valid ones by chance. The server
// goes on to serve others, and neither grows nor ends.
//
// ELLA_ABUSE_SECONDS=300 makes each kind last for five minutes; a run begins
// where ELLA_ABUSE_SEED says, which the output names.
#include <algorithm>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
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

constexpr int64_t kMostGrowth = 256 << 20;  // bytes
constexpr char kGenerate[] = "/ella.v1.TextToImageService/Generate";
constexpr char kGenerateImages[] = "/ella.v1.TextToImageService/GenerateImages";

class Chance {
 public:
  Chance() {
    const char* given = std::getenv("ELLA_ABUSE_SEED");
    uint32_t seed = 1;
    if (given != nullptr && !absl::SimpleAtoi(given, &seed)) std::abort();
    std::cout << "ELLA_ABUSE_SEED=" << seed << "\n";
    engine_.seed(seed);
  }

  // 0 to below - 1.
  size_t Below(size_t below) { return engine_() % below; }
  char Byte() {
    // What parsers stumble over more often than chance would have it.
    static constexpr char kSpecial[] = {'\x00', '\x01', '\x7f', '\x80', '\xff'};
    return Below(2) == 0 ? kSpecial[Below(sizeof(kSpecial))]
                         : static_cast<char>(engine_());
  }
  std::string Bytes(size_t most) {
    std::string bytes(Below(most + 1), '\0');
    for (char& byte : bytes) byte = Byte();
    return bytes;
  }

  // With some bytes changed, dropped, doubled or put in.
  std::string Mutate(std::string text) {
    for (size_t times = 1 + Below(6); times > 0 && !text.empty(); --times) {
      const size_t at = Below(text.size());
      const size_t length = 1 + Below(std::min<size_t>(text.size() - at, 16));
      switch (Below(4)) {
        case 0:
          text[at] = Byte();
          break;
        case 1:
          text.erase(at, length);
          break;
        case 2:
          text.insert(at, text.substr(at, length));
          break;
        default:
          text.insert(at, Bytes(16));
      }
    }
    return text;
  }

 private:
  std::mt19937 engine_;
};

std::string ValidRequest() {
  v1::GenerateRequest request;
  request.set_request_id("id");
  request.set_prompt("a red fox");
  request.set_negative_prompt("blurry");
  request.set_conditioning(v1::CONDITIONING_CLIP);
  request.set_width(16);
  request.set_height(16);
  request.set_steps(2);
  request.set_seed(5);
  request.set_guidance_scale(3);
  request.set_sampler("ddim");
  request.mutable_preview()->set_every_steps(1);
  return request.SerializeAsString();
}

// Begun, and taken back at once.
std::string CallTakenBack(uint32_t stream) {
  return absl::StrCat(GrpcCall(stream, kGenerate, ValidRequest()),
                      Http2Frame(/*RST_STREAM*/ 3, 0, stream,
                                 absl::string_view("\0\0\0\10", 4)));
}

class MalformedTest : public ::testing::Test {
 protected:
  // Sends what `make` makes, each on a connection of its own.
  void Abuse(const std::function<std::string()>& make) {
    Witness witness(server_.grpc());
    const int64_t before = server_.ResidentBytes();
    const absl::Time until = absl::Now() + AbuseTime();
    int connections = 0;
    for (; absl::Now() < until; ++connections) {
      RawConnection connection(server_.grpc());
      ASSERT_TRUE(connection.ok());
      connection.Send(make());
      // Some stay for the answer, others go.
      if (chance_.Below(2) == 0) {
        connection.AwaitEnd(absl::Milliseconds(chance_.Below(20)));
      }
      if (chance_.Below(2) == 0) connection.Reset();
    }
    const int64_t growth = server_.ResidentBytes() - before;
    std::cout << connections << " connections, " << growth / 1000000
              << " MB more, " << witness.served()
              << " requests of others served\n";
    EXPECT_THAT(witness.Stop(), IsEmpty());
    EXPECT_LT(growth, kMostGrowth);
    EXPECT_EQ(server_.Stop(), 0);
  }

  Chance chance_;
  ServerProcess server_{"some"};
};

TEST_F(MalformedTest, Http2OfACall) {
  const std::string whole =
      absl::StrCat(Http2Hello(), GrpcCall(1, kGenerate, ValidRequest()),
                   Http2Frame(/*PING*/ 6, 0, 0, "12345678"));
  Abuse([&] { return chance_.Mutate(whole); });
}

TEST_F(MalformedTest, Http2FramesOfAnyKind) {
  Abuse([this] {
    std::string frames = Http2Hello();
    for (size_t i = chance_.Below(50); i > 0; --i) {
      absl::StrAppend(&frames,
                      Http2Frame(static_cast<uint8_t>(chance_.Below(12)),
                                 static_cast<uint8_t>(chance_.Byte()),
                                 static_cast<uint32_t>(chance_.Below(8)),
                                 chance_.Bytes(64)));
    }
    return frames;
  });
}

// Floods of what is valid: calls that are taken back at once, settings, pings.
TEST_F(MalformedTest, Http2Floods) {
  Abuse([this] {
    std::string frames = Http2Hello();
    const size_t kind = chance_.Below(3);
    for (uint32_t i = 0; i < 500; ++i) {
      const uint32_t stream = 2 * i + 1;
      absl::StrAppend(&frames, kind == 0 ? CallTakenBack(stream)
                               : kind == 1
                                   ? Http2Frame(/*SETTINGS*/ 4, 0, 0, "")
                                   : Http2Frame(/*PING*/ 6, 0, 0, "12345678"));
    }
    return frames;
  });
}

// On one connection, for as long as the server bears it; then on the next.
TEST_F(MalformedTest, Http2FloodWithoutEnd) {
  Witness witness(server_.grpc());
  const int64_t before = server_.ResidentBytes();
  const absl::Time until = absl::Now() + AbuseTime();
  int connections = 0;
  int64_t calls = 0;
  for (; absl::Now() < until; ++connections) {
    RawConnection connection(server_.grpc());
    ASSERT_TRUE(connection.ok());
    std::string frames = Http2Hello();
    uint32_t stream = 1;
    while (connection.SendAll(frames, until - absl::Now())) {
      frames.clear();
      for (int i = 0; i < 500; ++i, ++calls, stream += 2) {
        absl::StrAppend(&frames, CallTakenBack(stream));
      }
    }
  }
  std::cout << connections << " connections, " << calls << " calls, "
            << (server_.ResidentBytes() - before) / 1000000 << " MB more, "
            << witness.served() << " requests of others served\n";
  EXPECT_GT(connections, 1);
  EXPECT_THAT(witness.Stop(), IsEmpty());
  // What thousands of calls hold, which this client begins in a moment.
  EXPECT_LT(server_.ResidentBytes() - before, 2 * kMostGrowth);
  EXPECT_EQ(server_.Stop(), 0);
}

TEST_F(MalformedTest, Protobuf) {
  Abuse([this] {
    std::string calls = Http2Hello();
    for (uint32_t i = 0; i < 8; ++i) {
      std::string message = chance_.Mutate(ValidRequest());
      const bool stream = chance_.Below(2) == 0;
      if (!stream) {
        message = absl::StrCat(
            "\x0a", std::string(1, static_cast<char>(message.size())), message);
      }
      absl::StrAppend(
          &calls,
          GrpcCall(2 * i + 1, stream ? kGenerate : kGenerateImages, message));
    }
    return calls;
  });
}

}  // namespace
}  // namespace ella
