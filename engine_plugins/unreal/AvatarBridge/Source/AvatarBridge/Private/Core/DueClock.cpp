#include "DueClock.h"

#include <algorithm>
#include <cstddef>

#include "Wire.h"

namespace avatarbridge {
namespace {

/// Some five seconds of idle frames, in one piece or between many short lines.
constexpr std::size_t kWindowMessages = 100;
constexpr double kMaxStepS = 0.005;

}  // namespace

DueClock::DueClock(double nowS, std::int64_t dueIndex)
    : arrivalS_(nowS), anchorS_(static_cast<double>(dueIndex) / kFps) {
    leads_.reserve(kWindowMessages);
}

void DueClock::Observe(double nowS, std::int64_t newestIndex) {
    leads_.push_back(static_cast<double>(newestIndex) / kFps - At(nowS));
    if (leads_.size() < kWindowMessages) return;
    const auto middle = leads_.begin() + static_cast<std::ptrdiff_t>(leads_.size() / 2);
    std::nth_element(leads_.begin(), middle, leads_.end());
    if (std::isnan(reference_)) {
        reference_ = *middle;
    } else {
        anchorS_ += std::clamp(*middle - reference_, -kMaxStepS, kMaxStepS);
    }
    leads_.clear();
}

}  // namespace avatarbridge
