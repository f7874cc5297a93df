#pragma once

#include <cstdint>

namespace avatarbridge {

/// The clock of an audio output that pulls samples a block at a time, hence steps, and not quite evenly. A delay-locked loop
/// (Adriaensen, "Using a DLL to filter time", Linux Audio Conference 2005) tells what lies between the steps. Seconds.
class AudioClock {
public:
    explicit AudioClock(int rateHz);

    /// The output has pulled a block at `nowS`; `firstFrame` is its first.
    void Pulled(double nowS, std::int64_t firstFrame);
    /// Whether the output has pulled steadily for a while and still does.
    bool IsRunning(double nowS) const;
    /// Where the output's pulling stands at `nowS`, in seconds of sound since its first frame.
    double At(double nowS) const;

private:
    void Start(double nowS, std::int64_t firstFrame);

    double nominalS_;
    double frameS_;
    double startedS_ = 0;
    double estimateS_ = 0;
    double pulledS_ = 0;
    std::int64_t frame_ = 0;
    bool hasStarted_ = false;
};

}  // namespace avatarbridge
