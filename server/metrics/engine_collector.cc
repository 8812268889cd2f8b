#include "server/metrics/engine_collector.h"

#include <functional>
#include <string>
#include <utility>

#include "prometheus/metric_family.h"

namespace ella {
namespace {

using ::prometheus::ClientMetric;
using ::prometheus::MetricFamily;
using ::prometheus::MetricType;

ClientMetric Sample(MetricType type, double value,
                    std::vector<ClientMetric::Label> labels) {
  ClientMetric sample;
  sample.label = std::move(labels);
  if (type == MetricType::Counter) {
    sample.counter.value = value;
  } else {
    sample.gauge.value = value;
  }
  return sample;
}

// One engine as of now.
struct Snapshot {
  const ModelInfo& info;
  EngineStats stats;
};

MetricFamily FamilyOf(const std::vector<Snapshot>& snapshots,
                      const std::string& name, const std::string& help,
                      MetricType type,
                      const std::function<double(const EngineStats&)>& value) {
  MetricFamily family{name, help, type, {}};
  for (const Snapshot& each : snapshots) {
    family.metric.push_back(
        Sample(type, value(each.stats), {{"model", each.info.name}}));
  }
  return family;
}

void AddCache(const std::vector<Snapshot>& snapshots, const std::string& name,
              const std::string& what, CacheStats EngineStats::*cache,
              std::vector<MetricFamily>* families) {
  auto add = [&](const std::string& suffix, const std::string& help,
                 MetricType type, int64_t CacheStats::*field) {
    families->push_back(FamilyOf(
        snapshots, name + suffix, help, type, [&](const EngineStats& stats) {
          return static_cast<double>(stats.*cache.*field);
        }));
  };
  add("_hits_total", what + " found in the cache.", MetricType::Counter,
      &CacheStats::hits);
  add("_misses_total", what + " not found in the cache.", MetricType::Counter,
      &CacheStats::misses);
  add("_evictions_total", what + " evicted from the cache.",
      MetricType::Counter, &CacheStats::evictions);
  add("_entries", what + " in the cache.", MetricType::Gauge,
      &CacheStats::entries);
  add("_bytes", "Bytes that the cached " + what + " take.", MetricType::Gauge,
      &CacheStats::bytes);
}

MetricFamily Memory(const std::vector<Snapshot>& snapshots) {
  MetricFamily family{"ella_device_memory_bytes",
                      "Bytes of memory of the model's device, by state.",
                      MetricType::Gauge,
                      {}};
  for (const Snapshot& each : snapshots) {
    auto add = [&](const char* state, int64_t bytes) {
      family.metric.push_back(
          Sample(family.type, static_cast<double>(bytes),
                 {{"model", each.info.name}, {"state", state}}));
    };
    add("used", each.stats.memory.used_bytes);
    add("peak", each.stats.memory.peak_bytes);
    add("free", each.stats.memory.free_bytes);
  }
  return family;
}

MetricFamily WeightBytes(const std::vector<Snapshot>& snapshots) {
  MetricFamily family{"ella_model_weight_bytes",
                      "Bytes that the weights of a loaded model take.",
                      MetricType::Gauge,
                      {}};
  for (const Snapshot& each : snapshots) {
    family.metric.push_back(Sample(family.type,
                                   static_cast<double>(each.info.weight_bytes),
                                   {{"model", each.info.name}}));
  }
  return family;
}

MetricFamily Info(const std::vector<Snapshot>& snapshots) {
  MetricFamily family{"ella_model_info",
                      "What a loaded model is; always 1.",
                      MetricType::Gauge,
                      {}};
  for (const Snapshot& each : snapshots) {
    const ModelInfo& info = each.info;
    family.metric.push_back(Sample(family.type, 1,
                                   {{"model", info.name},
                                    {"device", info.device},
                                    {"dtype", info.dtype},
                                    {"t5_dtype", info.t5_dtype},
                                    {"fingerprint", info.fingerprint}}));
  }
  return family;
}

}  // namespace

EngineCollector::EngineCollector(Engines engines)
    : engines_(std::move(engines)) {}

std::vector<MetricFamily> EngineCollector::Collect() const {
  const std::vector<std::shared_ptr<Engine>> engines = engines_();
  std::vector<Snapshot> snapshots;
  for (const std::shared_ptr<Engine>& engine : engines) {
    snapshots.push_back({engine->info(), engine->stats()});
  }
  std::vector<MetricFamily> families;
  AddCache(snapshots, "ella_text_cache", "Text encodings",
           &EngineStats::text_cache, &families);
  AddCache(snapshots, "ella_connector_cache", "Connector outputs",
           &EngineStats::connector_cache, &families);
  families.push_back(FamilyOf(
      snapshots, "ella_connector_seconds_total", "Seconds in the connector.",
      MetricType::Counter,
      [](const EngineStats& stats) { return stats.connector_seconds; }));
  families.push_back(Memory(snapshots));
  families.push_back(WeightBytes(snapshots));
  families.push_back(Info(snapshots));
  return families;
}

}  // namespace ella
