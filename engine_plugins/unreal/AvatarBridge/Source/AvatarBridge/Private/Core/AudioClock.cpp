#include "AudioClock.h"

#include <algorithm>
#include <cmath>

namespace avatarbridge {
namespace {

/// An output fills its own buffers at once when it begins; its steady pace shows after this.
constexpr double kSettleS = 0.25;
/// An output that has not pulled for so long has stopped.
constexpr double kStallS = 0.5;
/// Further off than this is a gap in the output, not an uneven pull.
constexpr double kJumpS = 0.1;
/// The loop's bandwidth: wide at first to be there soon, then narrow enough to even out blocks.
constexpr double kWidestHz = 0.5;
constexpr double kNarrowestHz = 0.05;
/// No sound card is further off its rate than this.
constexpr double kMaxDeviation = 0.005;

}  // namespace

AudioClock::AudioClock(int rateHz) : nominalS_(1.0 / rateHz), frameS_(nominalS_) {}

void AudioClock::Pulled(double nowS, std::int64_t firstFrame) {
    if (!hasStarted_ || nowS - pulledS_ > kStallS || firstFrame < frame_) {
        Start(nowS, firstFrame);
        return;
    }
    pulledS_ = nowS;
    const double frames = static_cast<double>(firstFrame - frame_);
    const double predictedS = estimateS_ + frames * frameS_;
    const double errorS = nowS - predictedS;
    const double runS = nowS - startedS_;
    frame_ = firstFrame;
    if (runS < kSettleS || std::fabs(errorS) > kJumpS) {
        estimateS_ = nowS;
        return;
    }
    if (frames <= 0) return;
    const double bandwidthHz = std::clamp(1.0 / runS, kNarrowestHz, kWidestHz);
    const double omega = std::min(6.283185307179586 * bandwidthHz * frames * nominalS_, 0.5);
    estimateS_ = predictedS + 1.4142135623730951 * omega * errorS;
    frameS_ += omega * omega * errorS / frames;
    frameS_ = std::clamp(frameS_, nominalS_ * (1 - kMaxDeviation), nominalS_ * (1 + kMaxDeviation));
}

bool AudioClock::IsRunning(double nowS) const {
    return hasStarted_ && pulledS_ - startedS_ >= kSettleS && nowS - pulledS_ <= kStallS;
}

double AudioClock::At(double nowS) const {
    return (static_cast<double>(frame_) + (nowS - estimateS_) / frameS_) * nominalS_;
}

void AudioClock::Start(double nowS, std::int64_t firstFrame) {
    hasStarted_ = true;
    startedS_ = estimateS_ = pulledS_ = nowS;
    frame_ = firstFrame;
    frameS_ = nominalS_;
}

}  // namespace avatarbridge
