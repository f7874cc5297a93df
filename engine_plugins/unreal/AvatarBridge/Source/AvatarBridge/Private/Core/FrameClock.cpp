#include "FrameClock.h"

#include <algorithm>
#include <cmath>

#include "Wire.h"

namespace avatarbridge {
namespace {

/// Beyond this nothing is caught up smoothly: the picture jumps.
constexpr double kJumpS = 0.5;
constexpr double kMaxSlew = 0.02;
/// How fast the delay that a late utterance forced on us is given back while idle.
constexpr double kRecoveryPerS = 0.005;

double ClockOf(const Reading& reading) { return reading.hasAudio ? reading.heardS : reading.nowS; }

}  // namespace

void FrameClock::Anchor(const Reading& reading, std::int64_t dueIndex) {
    due_.emplace(reading.nowS, dueIndex);
    extraS_ = 0;
    if (timeline_) Advance(reading, false);
}

void FrameClock::Observe(const Reading& reading, std::int64_t newestIndex) {
    if (due_) due_->Observe(reading.nowS, newestIndex);
}

double FrameClock::Advance(const Reading& reading, bool isPlaying) {
    if (!due_) return NAN;
    // An output of long blocks is further behind than the buffer; speech placed by that would always come too late.
    const double behindTheBridgeS = reading.hasAudio ? std::max(bufferS_, reading.latencyS + kMarginS) : bufferS_;
    const double targetS = due_->At(reading.nowS) - behindTheBridgeS - extraS_;
    PutOnClockOf(reading, targetS);
    const double clockS = ClockOf(reading);
    if (!isPlaying && !timeline_->IsMoving(clockS)) {
        const double behindS = targetS - timeline_->At(clockS);
        const double elapsedS = last_ ? reading.nowS - last_->nowS : 0;
        extraS_ = std::max(0.0, extraS_ - elapsedS * kRecoveryPerS);
        if (std::fabs(behindS) > kJumpS) {
            timeline_->MoveAt(clockS, targetS);
        } else {
            timeline_->Slew(clockS, 1 + std::clamp(behindS, -kMaxSlew, kMaxSlew));
        }
    }
    last_ = reading;
    return timeline_->At(clockS);
}

std::int64_t FrameClock::Place(const Reading& reading, std::int64_t startSample) {
    const double startS = static_cast<double>(startSample) / kSampleRateHz;
    const double dueS = timeline_->ClockAt(startS);
    const double placedS = std::max(dueS, reading.renderS + kMarginS);
    const std::int64_t frame = std::llround(placedS * kSampleRateHz);
    const double atS = static_cast<double>(frame) / kSampleRateHz;
    extraS_ += std::max(0.0, atS - dueS);
    timeline_->MoveAt(atS, startS);
    return frame;
}

double FrameClock::Lateness(const Reading& reading, std::int64_t startSample) const {
    return reading.renderS + kMarginS - timeline_->ClockAt(static_cast<double>(startSample) / kSampleRateHz);
}

void FrameClock::PutOnClockOf(const Reading& reading, double targetS) {
    if (!timeline_) {
        timeline_.emplace(ClockOf(reading), targetS);
    } else if (reading.hasAudio != byAudio_ && last_) {
        // The other clock takes over without a step.
        const double timeS = timeline_->At(ClockOf(*last_) + reading.nowS - last_->nowS);
        timeline_.emplace(ClockOf(reading), timeS);
    }
    byAudio_ = reading.hasAudio;
}

}  // namespace avatarbridge
