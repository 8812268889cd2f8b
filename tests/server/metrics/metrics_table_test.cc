// Holds the table of docs/metrics.md against a scrape of the endpoint.
#include <httplib.h>
#include <stdio.h>

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "prometheus/registry.h"
#include "server/http/http_endpoint.h"
#include "server/metrics/engine_collector.h"
#include "server/metrics/metrics.h"
#include "server/metrics/metrics_page.h"
#include "server/metrics/process_collector.h"
#include "tests/server/metrics/stats_engine.h"

namespace ella {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

struct Metric {
  std::string type;
  std::set<std::string> labels;
  std::set<double> buckets;  // without +Inf

  friend bool operator==(const Metric&, const Metric&) = default;
};
using Table = std::map<std::string, Metric>;

std::vector<std::string> Matches(const std::string& text,
                                 const std::string& pattern, int group = 1) {
  const std::regex regex(pattern);
  std::vector<std::string> found;
  for (std::sregex_iterator each(text.begin(), text.end(), regex), end;
       each != end; ++each) {
    found.push_back((*each)[group]);
  }
  return found;
}

// The rows that begin with a name: name, type, labels, unit and buckets.
Table ReadTable(const std::string& document) {
  Table table;
  for (absl::string_view line : absl::StrSplit(document, '\n')) {
    const std::vector<std::string> cells = absl::StrSplit(line, '|');
    if (!absl::StartsWith(line, "| `") || cells.size() < 6) continue;
    Metric metric;
    metric.type = std::string(absl::StripAsciiWhitespace(cells[2]));
    for (const std::string& label : Matches(cells[3], "`(\\w+)`")) {
      metric.labels.insert(label);
    }
    for (const std::string& like : Matches(cells[4], "as `(\\w+)`")) {
      metric.buckets = table[like].buckets;
    }
    if (metric.type == "histogram" && metric.buckets.empty()) {
      for (const std::string& bound : Matches(cells[4], "([0-9.]+)")) {
        metric.buckets.insert(std::stod(bound));
      }
    }
    EXPECT_TRUE(
        table.emplace(Matches(cells[1], "`(\\w+)`").at(0), metric).second)
        << "twice: " << line;
  }
  return table;
}

// A page in the text format.
Table ReadPage(const std::string& page) {
  Table table;
  std::string name;
  for (absl::string_view line : absl::StrSplit(page, '\n')) {
    if (absl::ConsumePrefix(&line, "# TYPE ")) {
      const std::vector<std::string> words = absl::StrSplit(line, ' ');
      name = words.at(0);
      EXPECT_TRUE(table.emplace(name, Metric{words.at(1), {}, {}}).second)
          << "twice: " << name;
    } else if (!line.empty() && line[0] != '#') {
      Metric& metric = table.at(name);
      const std::string sample(line);
      for (const std::string& label : Matches(sample, "[{,](\\w+)=\"")) {
        if (label != "le") metric.labels.insert(label);
      }
      for (const std::string& bound : Matches(sample, "le=\"([^\"+]+)\"")) {
        metric.buckets.insert(std::stod(bound));
      }
    }
  }
  return table;
}

std::string Describe(const Metric& metric) {
  return absl::StrCat(metric.type, " {", absl::StrJoin(metric.labels, ","),
                      "} [", absl::StrJoin(metric.buckets, ","), "]");
}

// One line for each metric that the two don't have alike.
std::vector<std::string> Differences(const Table& documented,
                                     const Table& served) {
  std::vector<std::string> differences;
  for (const auto& [name, metric] : documented) {
    auto found = served.find(name);
    if (found == served.end()) {
      differences.push_back(absl::StrCat("only documented: ", name));
    } else if (!(found->second == metric)) {
      differences.push_back(absl::StrCat(name, ": documented ",
                                         Describe(metric), ", served ",
                                         Describe(found->second)));
    }
  }
  for (const auto& [name, metric] : served) {
    if (documented.count(name) == 0) {
      differences.push_back(absl::StrCat("only served: ", name));
    }
  }
  return differences;
}

std::string Document() {
  std::ifstream file("docs/metrics.md");
  EXPECT_TRUE(file.good());
  return std::string((std::istreambuf_iterator<char>(file)), {});
}

// All that the server has, by HTTP.
std::string Scrape() {
  MetricsPage page;
  prometheus::Registry registry;
  Metrics metrics(&registry, "1.2.3");
  // Its lines come with the first caller.
  metrics.CountCallersRequest("web", absl::OkStatus(), 1);
  const ProcessCollector process;
  const auto engine = std::make_shared<StatsEngine>("default");
  const EngineCollector engines(
      [&] { return std::vector<std::shared_ptr<Engine>>{engine}; });
  const MetricsPage::Part parts[] = {
      {&page, &registry}, {&page, &process}, {&page, &engines}};
  auto endpoint =
      HttpEndpoint::Start({"127.0.0.1", 0}, [&page] { return page.Text(); });
  if (!endpoint.ok()) return "";
  httplib::Result result =
      httplib::Client("127.0.0.1", (*endpoint)->address().port).Get("/metrics");
  return result ? result->body : "";
}

TEST(MetricsTableTest, TableAndEndpointAgree) {
  const Table served = ReadPage(Scrape());
  EXPECT_THAT(served, Not(IsEmpty()));
  EXPECT_THAT(Differences(ReadTable(Document()), served), IsEmpty());
}

TEST(MetricsTableTest, EveryNameInTheDocumentIsInTheTable) {
  const std::string document = Document();
  const Table table = ReadTable(document);
  const std::regex series("_(bucket|sum|count)$");
  for (const std::string& name :
       Matches(document, "\\b((ella|process)_\\w+)\\b")) {
    EXPECT_TRUE(table.count(name) == 1 ||
                table.count(std::regex_replace(name, series, "")) == 1)
        << name;
  }
}

TEST(MetricsTableTest, DifferencesAreFound) {
  const Table page = ReadPage(
      "# HELP a_total A.\n# TYPE a_total counter\n"
      "a_total{code=\"OK\"} 1\na_total{code=\"x\"} 2\n"
      "# TYPE b histogram\n"
      "b_bucket{le=\"0.5\"} 0\nb_bucket{le=\"1\"} 0\nb_bucket{le=\"+Inf\"} 0\n"
      "b_sum 0\nb_count 0\n");
  const std::string a = "| `a_total` | counter | `code` | calls | |\n";
  const std::string b = "| `b` | histogram | | seconds: 0.5, 1 | |\n";
  auto differences = [&](const std::string& document) {
    return Differences(ReadTable(document), page);
  };
  EXPECT_THAT(differences(a + b), IsEmpty());
  EXPECT_THAT(differences(a), ElementsAre("only served: b"));
  EXPECT_THAT(differences(a + b + "| `c` | gauge | | rows | |\n"),
              ElementsAre("only documented: c"));
  EXPECT_THAT(
      differences("| `a_total` | gauge | `code` | calls | |\n" + b),
      ElementsAre(
          "a_total: documented gauge {code} [], served counter {code} []"));
  EXPECT_THAT(
      differences("| `a_total` | counter | `code`, `x` | calls | |\n" + b),
      ElementsAre("a_total: documented counter {code,x} [], served counter "
                  "{code} []"));
  EXPECT_THAT(
      differences(a + "| `b` | histogram | | seconds: 0.5, 2 | |\n"),
      ElementsAre("b: documented histogram {} [0.5,2], served histogram {} "
                  "[0.5,1]"));
}

TEST(MetricsTableTest, ThePageFollowsPrometheusConventions) {
#ifdef ELLA_PROMTOOL
  FILE* promtool = popen(ELLA_PROMTOOL " check metrics 2>&1", "w");
  ASSERT_NE(promtool, nullptr);
  const std::string page = Scrape();
  EXPECT_EQ(fwrite(page.data(), 1, page.size(), promtool), page.size());
  EXPECT_EQ(pclose(promtool), 0);
#else
  GTEST_SKIP() << "promtool was not found when this was configured";
#endif
}

}  // namespace
}  // namespace ella
