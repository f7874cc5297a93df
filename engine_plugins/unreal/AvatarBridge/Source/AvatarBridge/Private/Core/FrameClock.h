#pragma once

#include <cstdint>
#include <optional>

#include "DueClock.h"
#include "Timeline.h"

namespace avatarbridge {

/// One instant on both clocks, in seconds.
struct Reading {
    double nowS = 0;       ///< The machine's monotonic clock.
    bool hasAudio = false; ///< Whether sound runs; the two below mean something only then.
    double renderS = 0;    ///< On the audio clock: the first moment that is surely not yet taken by the output.
    double heardS = 0;     ///< On the audio clock: what comes out of the speaker now.
    double latencyS = 0;   ///< The most that `renderS` is ahead of `heardS`.
};

/// Audio is placed at least this far ahead of what is rendered, or its beginning might be clipped.
constexpr double kMarginS = 0.02;

/// Which moment of the subject's timeline is shown now. Until audio runs: what is due at the bridge less a buffer. Then by
/// what is heard; while something is heard the two are rigid, between utterances the picture is led back, imperceptibly
/// slowly, to the bridge's clock.
class FrameClock {
public:
    explicit FrameClock(double bufferS = 0.1) : bufferS_(bufferS) {}

    /// The layout has arrived: the picture is led to where it says.
    void Anchor(const Reading& reading, std::int64_t dueIndex);
    /// Frames of an idle stretch have arrived; they tell how the bridge's clock goes.
    void Observe(const Reading& reading, std::int64_t newestIndex);
    /// The time to show, in seconds on the timeline; NaN before the first layout.
    double Advance(const Reading& reading, bool isPlaying);
    /// Whether samples can be placed: there is an audio clock, and `Advance` has seen it.
    bool CanPlace(const Reading& reading) const { return reading.hasAudio && byAudio_ && timeline_.has_value(); }
    /// The frame of the audio output at which sample `startSample`, the first of a stretch, is played. Where its time is
    /// past, the timeline moves so that it plays now. Only where `CanPlace`.
    std::int64_t Place(const Reading& reading, std::int64_t startSample);
    /// How late sample `startSample` would be, in seconds; negative when there is time left. Only where `CanPlace`.
    double Lateness(const Reading& reading, std::int64_t startSample) const;

private:
    void PutOnClockOf(const Reading& reading, double targetS);

    double bufferS_;
    std::optional<DueClock> due_;
    std::optional<Timeline> timeline_;
    bool byAudio_ = false;
    double extraS_ = 0;
    std::optional<Reading> last_;
};

}  // namespace avatarbridge
