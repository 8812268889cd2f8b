#include "client/bench/bench_report.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace ella {
namespace {

using Json = nlohmann::json;

bool Completed(const RequestRecord& record) {
  return record.code == absl::StatusCode::kOk;
}

double Latency(const RequestRecord& record) {
  return record.ended_s - record.due_s;
}

// null of nothing.
Json Ratio(double numerator, double denominator) {
  if (!(denominator > 0)) return nullptr;
  return numerator / denominator;
}

// Who began and how it ended, of the counted requests.
void AddOutcomes(const RunResult& result, Json* summary) {
  uint64_t counted = 0, warmup = 0, refusals = 0;
  uint64_t by_rpc = 0, by_drop = 0, deaf = 0, deaf_completed = 0;
  Json outcomes = Json::object();
  Json messages = Json::object();
  for (const RequestRecord& record : result.records) {
    if (!record.counted) {
      ++warmup;
      continue;
    }
    ++counted;
    refusals += record.refusals;
    by_rpc += record.cancelled_by == CancelBy::kRpc;
    by_drop += record.cancelled_by == CancelBy::kDroppedCall;
    deaf += record.deaf;
    deaf_completed += record.deaf && Completed(record);
    const std::string code = absl::StatusCodeToString(record.code);
    outcomes[code] = outcomes.value(code, uint64_t{0}) + 1;
    if (!Completed(record) && !messages.contains(code)) {
      messages[code] = record.message;
    }
  }
  const uint64_t unended = result.begun - result.records.size();
  (*summary)["requests"] = {{"begun", counted + unended},
                            {"ended", counted},
                            {"unended", unended},
                            {"refusals", refusals},
                            {"in_warmup", warmup}};
  (*summary)["outcomes"] = std::move(outcomes);
  (*summary)["first_messages"] = std::move(messages);
  (*summary)["cancels_asked"] = {{"rpc", by_rpc}, {"drop", by_drop}};
  (*summary)["deaf"] = {{"begun", deaf}, {"completed", deaf_completed}};
}

// Latencies of the counted requests that read their streams.
void AddLatencies(const RunResult& result, Json* summary) {
  std::vector<double> latency, first_progress, first_preview, lateness;
  double batch_rows = 0;
  uint64_t encodings = 0, cached = 0, previews = 0;
  for (const RequestRecord& record : result.records) {
    if (!record.counted || record.deaf) continue;
    lateness.push_back(record.sent_s - record.due_s);
    previews += record.previews;
    if (record.first_progress_s) {
      first_progress.push_back(*record.first_progress_s - record.due_s);
    }
    if (record.first_preview_s) {
      first_preview.push_back(*record.first_preview_s - record.due_s);
    }
    if (!Completed(record)) continue;
    latency.push_back(Latency(record));
    batch_rows += record.mean_batch_rows;
    encodings += record.encodings;
    cached += record.encodings_cached;
  }
  const double completed = static_cast<double>(latency.size());
  (*summary)["latency_s"] = Distribution(std::move(latency));
  (*summary)["first_progress_s"] = Distribution(std::move(first_progress));
  (*summary)["first_preview_s"] = Distribution(std::move(first_preview));
  (*summary)["sent_late_s"] = Distribution(std::move(lateness));
  (*summary)["previews"] = previews;
  (*summary)["mean_batch_rows"] = Ratio(batch_rows, completed);
  (*summary)["text_cache_hit_share"] =
      Ratio(static_cast<double>(cached), static_cast<double>(encodings));
}

void AddRates(const RunResult& result, double good_within_s, Json* summary) {
  const double from_s = result.measured_from_s;
  const double to_s = result.measured_to_s;
  double completed = 0, good = 0, images = 0, steps = 0, rows = 0;
  for (const RequestRecord& record : result.records) {
    images += record.images_measured;
    steps += record.steps_measured;
    rows += record.rows_measured;
    if (!Completed(record) || record.deaf || record.ended_s < from_s ||
        record.ended_s >= to_s) {
      continue;
    }
    ++completed;
    good += Latency(record) <= good_within_s;
  }
  const double measured_s = std::max(0.0, to_s - from_s);
  (*summary)["measured_s"] = measured_s;
  (*summary)["completed_per_s"] = Ratio(completed, measured_s);
  (*summary)["images_per_s"] = Ratio(images, measured_s);
  (*summary)["steps_per_s"] = Ratio(steps, measured_s);
  (*summary)["rows_per_s"] = Ratio(rows, measured_s);
  (*summary)["goodput"] = {{"within_s", good_within_s},
                           {"per_s", Ratio(good, measured_s)}};
}

std::string Number(const Json& value) {
  if (!value.is_number()) return "-";
  return absl::StrFormat("%.4g", value.get<double>());
}

void PrintDistribution(const char* name, const Json& values,
                       std::ostream& out) {
  out << absl::StreamFormat("%-20s", name);
  for (const char* key : {"p50", "p95", "p99", "mean", "max"}) {
    out << absl::StreamFormat(" %9s", Number(values.value(key, Json(nullptr))));
  }
  out << "\n";
}

}  // namespace

double Percentile(const std::vector<double>& sorted, double share) {
  const double rank = std::ceil(share * static_cast<double>(sorted.size()));
  return sorted[static_cast<size_t>(std::max(rank, 1.0)) - 1];
}

Json Distribution(std::vector<double> values) {
  Json json = {{"count", values.size()}};
  if (values.empty()) return json;
  std::sort(values.begin(), values.end());
  json["mean"] = std::accumulate(values.begin(), values.end(), 0.0) /
                 static_cast<double>(values.size());
  json["p50"] = Percentile(values, 0.50);
  json["p95"] = Percentile(values, 0.95);
  json["p99"] = Percentile(values, 0.99);
  json["max"] = values.back();
  return json;
}

Json Summarize(const RunResult& result, double good_within_s) {
  Json summary;
  AddOutcomes(result, &summary);
  AddLatencies(result, &summary);
  AddRates(result, good_within_s, &summary);
  return summary;
}

void PrintSummary(const Json& summary, std::ostream& out) {
  const Json& requests = summary["requests"];
  out << absl::StreamFormat(
      "%d begun in %s s, %d ended, %d unended, %d refusals\n",
      requests["begun"].get<uint64_t>(), Number(summary["measured_s"]),
      requests["ended"].get<uint64_t>(), requests["unended"].get<uint64_t>(),
      requests["refusals"].get<uint64_t>());
  for (const auto& [code, count] : summary["outcomes"].items()) {
    out << absl::StreamFormat("  %6d %s", count.get<uint64_t>(), code);
    if (summary["first_messages"].contains(code)) {
      out << ": " << summary["first_messages"][code].get<std::string>();
    }
    out << "\n";
  }
  out << absl::StreamFormat("%-20s %9s %9s %9s %9s %9s\n", "seconds", "p50",
                            "p95", "p99", "mean", "max");
  PrintDistribution("latency", summary["latency_s"], out);
  PrintDistribution("to first progress", summary["first_progress_s"], out);
  PrintDistribution("to first preview", summary["first_preview_s"], out);
  PrintDistribution("sent late", summary["sent_late_s"], out);
  out << "per second: " << Number(summary["completed_per_s"])
      << " completed (goodput " << Number(summary["goodput"]["per_s"])
      << " within " << Number(summary["goodput"]["within_s"]) << " s), "
      << Number(summary["images_per_s"]) << " images, "
      << Number(summary["steps_per_s"]) << " steps, "
      << Number(summary["rows_per_s"]) << " rows\n"
      << "rows in a batch: " << Number(summary["mean_batch_rows"])
      << "; share of prompts found in the text cache: "
      << Number(summary["text_cache_hit_share"]) << std::endl;
}

}  // namespace ella
