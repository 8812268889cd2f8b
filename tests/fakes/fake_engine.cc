#include "tests/fakes/fake_engine.h"

#include <algorithm>
#include <random>

#include "absl/strings/str_split.h"

namespace ella {
namespace {

class FakeEncoding final : public Encoding {
 public:
  explicit FakeEncoding(TokenCount tokens) : tokens_(tokens) {}
  TokenCount tokens() const override { return tokens_; }

 private:
  const TokenCount tokens_;
};

RgbImage Picture(int width, int height, uint32_t seed) {
  RgbImage image{width, height, std::vector<uint8_t>(3 * width * height)};
  std::mt19937 noise(seed);
  for (uint8_t& pixel : image.pixels) pixel = static_cast<uint8_t>(noise());
  image.pixels[0] = static_cast<uint8_t>(seed);
  return image;
}

}  // namespace

class FakeEngine::FakeRow final : public Row {
 public:
  FakeRow(FakeEngine* engine, const RowParams& params)
      : engine_(engine),
        params_(params),
        key_{engine->info_.name, params.height / 8, params.width / 8} {
    Count(1);
  }
  ~FakeRow() override { Count(-1); }

  const BatchKey& key() const override { return key_; }
  int step() const override { return step_; }
  int num_steps() const override { return params_.steps; }

  const RowParams& params() const { return params_; }
  void Advance() { ++step_; }

 private:
  void Count(int change) {
    absl::MutexLock lock(&engine_->mutex_);
    engine_->rows_alive_ += change;
  }

  FakeEngine* const engine_;
  const RowParams params_;
  const BatchKey key_;
  int step_ = 0;
};

FakeEngine::FakeEngine(FakeClock* clock) : clock_(clock) {
  info_.name = "default";
  info_.fingerprint = "0123";
  info_.device = "cpu";
  info_.dtype = "float32";
  info_.t5_dtype = "float16";
  info_.samplers = {"dpmpp_2m", "ddim", "euler"};
  info_.default_width = 16;
  info_.default_height = 16;
  info_.default_steps = 3;
}

std::vector<std::vector<uint32_t>> FakeEngine::batches() const {
  absl::MutexLock lock(&mutex_);
  return batches_;
}

std::vector<std::vector<std::string>> FakeEngine::encoded() const {
  absl::MutexLock lock(&mutex_);
  return encoded_;
}

std::vector<int> FakeEngine::preview_sides() const {
  absl::MutexLock lock(&mutex_);
  return preview_sides_;
}

void FakeEngine::FailStep(uint32_t seed, int step, absl::Status status) {
  absl::MutexLock lock(&mutex_);
  step_failures_[{seed, step}] = std::move(status);
}

void FakeEngine::FailEncode(const std::string& text, absl::Status status) {
  absl::MutexLock lock(&mutex_);
  encode_failures_[text] = std::move(status);
}

void FakeEngine::FailDecode(uint32_t seed, absl::Status status) {
  absl::MutexLock lock(&mutex_);
  decode_failures_[seed] = std::move(status);
}

void FakeEngine::Block() {
  absl::MutexLock lock(&mutex_);
  blocked_ = true;
}

void FakeEngine::AllowSteps(int count) {
  absl::MutexLock lock(&mutex_);
  steps_allowed_ += count;
}

void FakeEngine::Release() {
  absl::MutexLock lock(&mutex_);
  blocked_ = false;
}

void FakeEngine::WaitUntilBlocked() {
  absl::MutexLock lock(&mutex_);
  auto blocked = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return steps_waiting_ > 0 && steps_allowed_ == 0;
  };
  mutex_.Await(absl::Condition(&blocked));
}

int FakeEngine::rows_alive() const {
  absl::MutexLock lock(&mutex_);
  return rows_alive_;
}

void FakeEngine::WaitForRows(int count) {
  absl::MutexLock lock(&mutex_);
  auto reached = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return rows_alive_ == count;
  };
  mutex_.Await(absl::Condition(&reached));
}

absl::StatusOr<TokenCount> FakeEngine::CountTokens(const Text& text) const {
  std::vector<std::string> words =
      absl::StrSplit(text.text, ' ', absl::SkipEmpty());
  const int given = static_cast<int>(words.size()) + 1;
  return TokenCount{
      given, text.mode == TokenMode::kT5Flexible ? given : std::min(given, 77)};
}

std::vector<absl::StatusOr<EncodingPtr>> FakeEngine::Encode(
    absl::Span<const Text> texts) {
  absl::MutexLock lock(&mutex_);
  encoded_.emplace_back();
  std::vector<absl::StatusOr<EncodingPtr>> encodings;
  for (const Text& text : texts) {
    encoded_.back().push_back(text.text);
    auto failure = encode_failures_.find(text.text);
    if (failure != encode_failures_.end()) {
      encodings.push_back(failure->second);
    } else {
      encodings.push_back(std::make_shared<FakeEncoding>(*CountTokens(text)));
    }
  }
  return encodings;
}

absl::StatusOr<std::unique_ptr<Row>> FakeEngine::Start(
    const RowParams& params) {
  return std::make_unique<FakeRow>(this, params);
}

std::vector<absl::Status> FakeEngine::Step(absl::Span<Row* const> rows) {
  if (clock_ != nullptr) clock_->Advance(absl::Seconds(1));
  absl::MutexLock lock(&mutex_);
  ++steps_waiting_;
  auto go = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return !blocked_ || steps_allowed_ > 0;
  };
  mutex_.Await(absl::Condition(&go));
  --steps_waiting_;
  if (blocked_) --steps_allowed_;
  batches_.emplace_back();
  std::vector<absl::Status> statuses;
  for (Row* each : rows) {
    auto* row = static_cast<FakeRow*>(each);
    row->Advance();
    batches_.back().push_back(row->params().seed);
    auto failure = step_failures_.find({row->params().seed, row->step()});
    statuses.push_back(failure != step_failures_.end() ? failure->second
                                                       : absl::OkStatus());
  }
  return statuses;
}

absl::StatusOr<RgbImage> FakeEngine::Preview(const Row& row, PreviewKind,
                                             int max_side) {
  const RowParams& params = static_cast<const FakeRow&>(row).params();
  absl::MutexLock lock(&mutex_);
  preview_sides_.push_back(max_side);
  return Picture(params.width / 8, params.height / 8, params.seed);
}

std::vector<absl::StatusOr<RgbImage>> FakeEngine::Decode(
    absl::Span<Row* const> rows) {
  absl::MutexLock lock(&mutex_);
  std::vector<absl::StatusOr<RgbImage>> images;
  for (Row* each : rows) {
    const RowParams& params = static_cast<FakeRow*>(each)->params();
    auto failure = decode_failures_.find(params.seed);
    if (failure != decode_failures_.end()) {
      images.push_back(failure->second);
    } else {
      images.push_back(Picture(params.width, params.height, params.seed));
    }
  }
  return images;
}

}  // namespace ella
