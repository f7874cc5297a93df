#pragma once

#include <cstddef>
#include <vector>

namespace avatarbridge {

/// A unit quaternion.
struct Rotation {
    float x = 0;
    float y = 0;
    float z = 0;
    float w = 1;
};

/// A frame: a value for each curve, in the layout's range, and a rotation for each bone.
struct Pose {
    std::vector<float> curves;
    std::vector<Rotation> bones;

    Pose() = default;
    Pose(std::size_t curveCount, std::size_t boneCount) : curves(curveCount), bones(boneCount) {}

    /// Become what lies between two poses of the same form.
    void Blend(const Pose& a, const Pose& b, double fraction);
};

/// A quaternion of length 1; the identity where all are 0.
Rotation Normalised(double x, double y, double z, double w);

/// `b` first, then `a`.
Rotation Multiply(const Rotation& a, const Rotation& b);

/// Between two rotations by the shorter way (Shoemake, SIGGRAPH 1985).
Rotation Slerp(const Rotation& a, const Rotation& b, double fraction);

}  // namespace avatarbridge
