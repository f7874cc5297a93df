#pragma once

#include <string>
#include <vector>

#include "Wire.h"

namespace avatarbridge {

/// The floats of a Live Link subject: the layout's curves, and the nine angles that Live Link Face sends after its 52
/// shapes, worked out from bones and looks. Names are made once for a layout, values each frame without allocating.
class Properties {
public:
    explicit Properties(const Layout& layout);

    /// As Live Link writes them: `JawOpen` for `jawOpen`; then `HeadYaw` to `RightEyeRoll`.
    const std::vector<std::string>& Names() const { return names_; }
    /// As many as names. Angles are radians: the head's yaw is + to the own left, pitch + up, roll + to the own right;
    /// an eye's yaw is + to the own right, pitch + down.
    const std::vector<float>& Values(const Pose& pose);

private:
    struct Look {
        int in;
        int out;
        int down;
        int up;
    };

    void WriteHead(const Pose& pose, float* angles) const;
    float Between(const Pose& pose, int plus, int minus) const;

    std::vector<std::string> names_;
    std::vector<float> values_;
    Look left_;
    Look right_;
    int neck_;
    int head_;
    Rotation (*toVrm1_)(const Rotation&);
    float curveMax_;
};

}  // namespace avatarbridge
