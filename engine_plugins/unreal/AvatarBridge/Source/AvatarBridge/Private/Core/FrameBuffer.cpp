#include "FrameBuffer.h"

#include <algorithm>
#include <cmath>

namespace avatarbridge {
namespace {

/// More than four seconds: the bridge leads by one at most, and a late listener may lag by another.
constexpr std::int64_t kCapacity = 256;
constexpr std::int64_t kNoFrame = -1;

}  // namespace

FrameBuffer::FrameBuffer(const Layout& layout)
    : indices_(kCapacity, kNoFrame), poses_(kCapacity, Pose(layout.curves.size(), layout.bones.size())) {}

void FrameBuffer::Put(const Message& message, const Layout& layout) {
    for (int i = 0; i < message.count; ++i) {
        const std::int64_t index = message.start + i;
        const std::size_t slot = static_cast<std::size_t>(index % kCapacity);
        if (index < indices_[slot]) continue;
        ReadFrame(message, i, layout, poses_[slot]);
        indices_[slot] = index;
        newest_ = std::max(newest_, index);
    }
}

void FrameBuffer::Clear() {
    std::fill(indices_.begin(), indices_.end(), kNoFrame);
    newest_ = kNoFrame;
}

double FrameBuffer::Sample(double timeS, Pose& pose) {
    isHeld_ = false;
    if (!std::isfinite(timeS) || timeS < 0) return NAN;
    const double position = timeS * kFps;
    const std::int64_t index = LastDue(static_cast<std::int64_t>(std::floor(position)));
    if (index == kNoFrame) return NAN;
    const std::int64_t next = FirstAfter(index);
    const bool hasNext = next != kNoFrame;
    const Pose& from = poses_[static_cast<std::size_t>(index % kCapacity)];
    const Pose& to = hasNext ? poses_[static_cast<std::size_t>(next % kCapacity)] : from;
    const double past = position - static_cast<double>(index);
    const double gap = static_cast<double>(hasNext ? next - index : 1);
    const double fraction = hasNext ? std::min(past / gap, 1.0) : 0.0;
    pose.Blend(from, to, fraction);
    isHeld_ = !hasNext && past > 1;
    return (static_cast<double>(index) + fraction * gap) / kFps;
}

bool FrameBuffer::Has(std::int64_t index) const { return indices_[static_cast<std::size_t>(index % kCapacity)] == index; }

std::int64_t FrameBuffer::LastDue(std::int64_t due) const {
    const std::int64_t start = std::min(due, newest_);
    for (std::int64_t index = start; index >= 0 && index > start - kCapacity; --index) {
        if (Has(index)) return index;
    }
    return kNoFrame;
}

std::int64_t FrameBuffer::FirstAfter(std::int64_t index) const {
    for (std::int64_t next = index + 1; next <= newest_ && next < index + kCapacity; ++next) {
        if (Has(next)) return next;
    }
    return kNoFrame;
}

}  // namespace avatarbridge
