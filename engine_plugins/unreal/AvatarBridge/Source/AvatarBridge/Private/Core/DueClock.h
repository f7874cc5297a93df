#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

namespace avatarbridge {

/// What is due at the bridge, told by the local clock. The layout anchors it. Two machines' clocks part by some seconds a
/// day, so the lead of idle frames is watched: the bridge keeps it constant, hence a change of its median is drift.
class DueClock {
public:
    /// The layout has arrived at `nowS` and calls frame `dueIndex` due.
    DueClock(double nowS, std::int64_t dueIndex);

    /// Seconds on the subject's timeline due at the bridge at `nowS`.
    double At(double nowS) const { return anchorS_ + nowS - arrivalS_; }
    /// Note that the newest frame has just arrived in an idle stretch: speech is sent with another lead.
    void Observe(double nowS, std::int64_t newestIndex);

private:
    double arrivalS_;
    double anchorS_;
    std::vector<double> leads_;
    double reference_ = NAN;
};

}  // namespace avatarbridge
