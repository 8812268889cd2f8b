#include "server/metrics/metrics_page.h"

#include "prometheus/metric_family.h"
#include "prometheus/text_serializer.h"

namespace ella {

MetricsPage::Part::Part(MetricsPage* page,
                        const prometheus::Collectable* source)
    : page_(page), source_(source) {
  absl::MutexLock lock(&page_->mutex_);
  page_->sources_.push_back(source_);
}

MetricsPage::Part::~Part() {
  absl::MutexLock lock(&page_->mutex_);
  std::erase(page_->sources_, source_);
}

std::string MetricsPage::Text() const {
  std::vector<prometheus::MetricFamily> families;
  {
    absl::MutexLock lock(&mutex_);
    for (const prometheus::Collectable* source : sources_) {
      for (prometheus::MetricFamily& family : source->Collect()) {
        families.push_back(std::move(family));
      }
    }
  }
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace ella
