#pragma once

#include <cstdint>
#include <vector>

#include "Wire.h"

namespace avatarbridge {

/// Received frames by index, in a ring of fixed size. For one index the last frame received wins; what was never shown is
/// overwritten. Nothing is allocated after construction.
class FrameBuffer {
public:
    explicit FrameBuffer(const Layout& layout);

    /// The highest index received, or -1.
    std::int64_t NewestIndex() const { return newest_; }
    /// Whether the last `Sample` had to hold the newest frame for want of more.
    bool IsHeld() const { return isHeld_; }

    void Put(const Message& message, const Layout& layout);

    /// Forget all frames: a new epoch has begun.
    void Clear();

    /// The motion at `timeS` into `pose`: between two frames interpolated, one that never came included;
    /// past the last one held. Returns the time that it
    /// shows; NaN, and the pose as it is, where nothing is due yet.
    double Sample(double timeS, Pose& pose);

private:
    bool Has(std::int64_t index) const;
    std::int64_t LastDue(std::int64_t due) const;
    std::int64_t FirstAfter(std::int64_t index) const;

    std::vector<std::int64_t> indices_;
    std::vector<Pose> poses_;
    std::int64_t newest_ = -1;
    bool isHeld_ = false;
};

}  // namespace avatarbridge
