#pragma once

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "ella/v1/text_to_image.grpc.pb.h"
#include "grpcpp/client_context.h"
#include "gtest/gtest.h"

namespace ella {

inline std::string Describe(const v1::GenerateResponse& message) {
  switch (message.event_case()) {
    case v1::GenerateResponse::kQueued:
      return absl::StrCat("queued ", message.queued().position());
    case v1::GenerateResponse::kStarted:
      return "started";
    case v1::GenerateResponse::kProgress:
      return absl::StrCat("progress ", message.progress().image_index(), " ",
                          message.progress().step());
    case v1::GenerateResponse::kPreview:
      return absl::StrCat("preview ", message.preview().image_index(), " ",
                          message.preview().step());
    case v1::GenerateResponse::kImage:
      return absl::StrCat("image ", message.image().image_index());
    case v1::GenerateResponse::kDone:
      return "done";
    default:
      return "nothing";
  }
}

// One Generate call; cancelled at the end of its life, where it still goes on.
struct Call {
  explicit Call(v1::TextToImageService::Stub* stub,
                const v1::GenerateRequest& request = {},
                absl::Duration timeout = absl::InfiniteDuration()) {
    if (timeout != absl::InfiniteDuration()) {
      context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
    }
    reader = stub->Generate(&context, request);
  }
  ~Call() {
    if (!finished) {
      context.TryCancel();
      Finish();
    }
  }

  // The next event's description; empty at the end.
  std::string Read() {
    message.Clear();
    return reader->Read(&message) ? Describe(message) : "";
  }
  void ReadUntil(const std::string& event) {
    for (std::string next = Read(); next != event; next = Read()) {
      ASSERT_NE(next, "") << "no " << event;
    }
  }
  grpc::Status Finish() {
    while (Read() != "") {
    }
    finished = true;
    return reader->Finish();
  }

  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReader<v1::GenerateResponse>> reader;
  v1::GenerateResponse message;
  bool finished = false;
};

}  // namespace ella
