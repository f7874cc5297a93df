#pragma once

#include <mutex>

#include "AudioClock.h"
#include "AudioQueue.h"
#include "FrameClock.h"

namespace avatarbridge {

/// The way to the loudspeaker, and its clock. The audio output's thread pulls; all else is called by the receiver's. The
/// lock is held for copying one block or one message at most.
class Speaker {
public:
    Speaker();

    /// Any thread: how long it takes from a pull until the samples are heard, in seconds.
    void SetLatency(double latencyS);
    /// The output's thread: the next `count` samples, mono at 24 kHz.
    void Pull(double nowS, std::int16_t* out, int count);
    /// Both clocks at `nowS`.
    Reading Read(double nowS) const;
    /// Place samples, 16 bit little-endian, with the first at frame `outputFrame`.
    void Play(std::int64_t outputFrame, const std::uint8_t* pcm16, int count);
    /// Silence all that was given to `Play`, within ten milliseconds of what the output has pulled.
    void Silence();
    /// Samples that came too late for their place, or too early to be kept.
    std::int64_t LostSamples() const;
    /// The longest block the output pulls at once, in seconds.
    double BlockS() const;

private:
    mutable std::mutex mutex_;
    AudioQueue queue_;
    AudioClock clock_;
    double latencyS_ = 0;
    int block_ = 0;
};

}  // namespace avatarbridge
