#pragma once

#include <cstdint>
#include <vector>

namespace avatarbridge {

/// Speech waiting to be pulled by the audio output, by the frame of the output it is placed at; silence everywhere else. A
/// ring of fixed size: nothing is allocated after construction.
class AudioQueue {
public:
    AudioQueue();

    /// The next frame that will be pulled: so many have been.
    std::int64_t NextFrame() const { return next_; }
    /// Samples that came for frames already pulled, or too far ahead to be kept.
    std::int64_t LostSamples() const { return lost_; }
    /// Place samples, 16 bit little-endian, with the first at `frame`.
    void Put(std::int64_t frame, const std::uint8_t* pcm16, int count);
    /// The next `count` samples.
    void Pull(std::int16_t* out, int count);
    /// Fade out, within eight milliseconds, all that was put.
    void Silence();

private:
    std::int16_t& At(std::int64_t frame);

    std::vector<std::int16_t> ring_;
    std::int64_t next_ = 0;
    std::int64_t end_ = 0;
    std::int64_t lost_ = 0;
};

}  // namespace avatarbridge
