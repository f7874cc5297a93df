#include "DueClock.h"

#include <algorithm>
#include <cstddef>

#include "Wire.h"

namespace avatarbridge {
namespace {

constexpr double kWindowS = 10;
constexpr double kMaxStepS = 0.005;
constexpr std::size_t kMaxLeads = 1024;

}  // namespace

DueClock::DueClock(double nowS, std::int64_t dueIndex)
    : arrivalS_(nowS), anchorS_(static_cast<double>(dueIndex) / kFps) {
    leads_.reserve(kMaxLeads);
}

void DueClock::Observe(double nowS, std::int64_t newestIndex) {
    if (std::isnan(windowStart_)) windowStart_ = nowS;
    if (leads_.size() < kMaxLeads) leads_.push_back(static_cast<double>(newestIndex) / kFps - At(nowS));
    if (nowS - windowStart_ < kWindowS) return;
    const auto middle = leads_.begin() + static_cast<std::ptrdiff_t>(leads_.size() / 2);
    std::nth_element(leads_.begin(), middle, leads_.end());
    if (std::isnan(reference_)) {
        reference_ = *middle;
    } else {
        anchorS_ += std::clamp(*middle - reference_, -kMaxStepS, kMaxStepS);
    }
    Skip();
}

void DueClock::Skip() {
    leads_.clear();
    windowStart_ = NAN;
}

}  // namespace avatarbridge
