#pragma once

#include <cstdint>
#include <vector>

namespace avatarbridge {

/// What was given to the audio output and where. It tells what is being heard, without asking the timeline. Frames count the
/// samples of the audio output, samples those of the subject's timeline; both run at 24 kHz.
class Playlist {
public:
    Playlist();

    /// One past the last sample placed, or -1.
    std::int64_t EndSample() const { return endSample_; }
    /// One past the last frame of the output that is taken, or -1.
    std::int64_t EndFrame() const { return endFrame_; }
    void Add(std::int64_t outputFrame, std::int64_t startSample, int count);
    /// The sample (with a fraction) heard at `heardS` of the audio clock, or NaN in a silence.
    double HeardAt(double heardS) const;
    /// One past the last sample of what was heard to its end, or -1.
    std::int64_t FinishedAt(double heardS) const;
    /// Whether anything placed is still to be heard.
    bool IsPlaying(double heardS) const;
    /// The frame for a sample that came after later ones were placed: it goes where those say. Only where there are such.
    std::int64_t FrameFor(std::int64_t sample) const;
    /// Whether these samples were all placed before.
    bool Holds(std::int64_t startSample, int count) const;
    /// Forget what was heard some seconds ago. The last is kept, so that its end is known.
    void Prune(double heardS);
    void Clear();

private:
    struct Placed {
        std::int64_t outputFrame;
        std::int64_t startSample;
        std::int64_t count;
    };
    std::vector<Placed> placed_;
    std::int64_t endSample_ = -1;
    std::int64_t endFrame_ = -1;
};

}  // namespace avatarbridge
