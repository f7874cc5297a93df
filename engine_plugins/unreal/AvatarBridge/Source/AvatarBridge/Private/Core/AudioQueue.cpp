#include "AudioQueue.h"

#include <algorithm>
#include <cstddef>

namespace avatarbridge {
namespace {

/// 10.9 s: the bridge sends speech at most one second before it is due.
constexpr std::int64_t kQueueFrames = std::int64_t{1} << 18;
constexpr std::int64_t kFadeFrames = 192;

}  // namespace

AudioQueue::AudioQueue() : ring_(static_cast<std::size_t>(kQueueFrames), 0) {}

std::int16_t& AudioQueue::At(std::int64_t frame) {
    return ring_[static_cast<std::size_t>(frame & (kQueueFrames - 1))];
}

void AudioQueue::Put(std::int64_t frame, const std::uint8_t* pcm16, int count) {
    for (int i = 0; i < count; ++i) {
        const std::int64_t at = frame + i;
        if (at < next_ || at >= next_ + kQueueFrames) {
            ++lost_;
        } else {
            At(at) = static_cast<std::int16_t>(static_cast<std::uint16_t>(pcm16[2 * i] | pcm16[2 * i + 1] << 8));
            end_ = std::max(end_, at + 1);
        }
    }
}

void AudioQueue::Pull(std::int16_t* out, int count) {
    for (int i = 0; i < count; ++i, ++next_) {
        out[i] = At(next_);
        At(next_) = 0;
    }
}

void AudioQueue::Silence() {
    for (std::int64_t i = 0; next_ + i < end_; ++i) {
        std::int16_t& sample = At(next_ + i);
        const std::int64_t left = std::max(kFadeFrames - 1 - i, std::int64_t{0});
        sample = static_cast<std::int16_t>(sample * left / kFadeFrames);
    }
    end_ = std::min(end_, next_ + kFadeFrames);
}

}  // namespace avatarbridge
