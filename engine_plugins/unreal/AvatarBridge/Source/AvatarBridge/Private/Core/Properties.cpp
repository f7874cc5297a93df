#include "Properties.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "ShapeNames.h"

namespace avatarbridge {
namespace {

constexpr int kAngles = 9;
const char* const kAngleNames[kAngles] = {"HeadYaw",     "HeadPitch",   "HeadRoll",      "LeftEyeYaw",  "LeftEyePitch",
                                          "LeftEyeRoll", "RightEyeYaw", "RightEyePitch", "RightEyeRoll"};
/// What a whole look turns an eye, measured on recordings of Live Link Face (github.com/think-biq/LLV, examples).
constexpr float kLookRad = 0.61f;

int IndexOf(const std::vector<std::string>& names, const char* key) {
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (ShapeKey(names[i]) == key) return static_cast<int>(i);
    }
    return -1;
}

}  // namespace

Properties::Properties(const Layout& layout)
    : values_(layout.curves.size() + kAngles, 0.0f),
      left_{IndexOf(layout.curves, "eyelookinleft"), IndexOf(layout.curves, "eyelookoutleft"),
            IndexOf(layout.curves, "eyelookdownleft"), IndexOf(layout.curves, "eyelookupleft")},
      right_{IndexOf(layout.curves, "eyelookinright"), IndexOf(layout.curves, "eyelookoutright"),
             IndexOf(layout.curves, "eyelookdownright"), IndexOf(layout.curves, "eyelookupright")},
      neck_(IndexOf(layout.bones, "neck")),
      head_(IndexOf(layout.bones, "head")),
      curveMax_(static_cast<float>(layout.curveMax)) {
    const int unrealNeck = IndexOf(layout.bones, "neck01");
    isUnreal_ = unrealNeck >= 0;
    if (isUnreal_) neck_ = unrealNeck;
    for (const std::string& curve : layout.curves) {
        names_.push_back(curve);
        if (!curve.empty()) names_.back()[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(curve[0])));
    }
    for (const char* name : kAngleNames) names_.emplace_back(name);
}

const std::vector<float>& Properties::Values(const Pose& pose) {
    std::copy(pose.curves.begin(), pose.curves.end(), values_.begin());
    float* angles = values_.data() + pose.curves.size();
    WriteHead(pose, angles);
    angles[3] = Between(pose, left_.in, left_.out);
    angles[4] = Between(pose, left_.down, left_.up);
    angles[6] = -Between(pose, right_.in, right_.out);
    angles[7] = Between(pose, right_.down, right_.up);
    return values_;
}

/// Yaw, pitch and roll of the head on the upper chest: a turn about y, then x, then z, as ARKit's face transform has them.
void Properties::WriteHead(const Pose& pose, float* angles) const {
    const Rotation neck = neck_ < 0 ? Rotation() : pose.bones[static_cast<std::size_t>(neck_)];
    const Rotation head = head_ < 0 ? Rotation() : pose.bones[static_cast<std::size_t>(head_)];
    const Rotation both = Multiply(neck, head);
    // Unreal's space has Y and Z of ours swapped, which turns each axis the other way round.
    const double x = isUnreal_ ? -both.x : both.x;
    const double y = isUnreal_ ? -both.z : both.y;
    const double z = isUnreal_ ? -both.y : both.z;
    const double w = both.w;
    angles[0] = static_cast<float>(std::atan2(2 * (x * z + w * y), 1 - 2 * (x * x + y * y)));
    angles[1] = static_cast<float>(std::asin(std::clamp(2 * (y * z - w * x), -1.0, 1.0)));
    angles[2] = static_cast<float>(std::atan2(2 * (x * y + w * z), 1 - 2 * (x * x + z * z)));
}

float Properties::Between(const Pose& pose, int plus, int minus) const {
    const float more = plus < 0 ? 0 : pose.curves[static_cast<std::size_t>(plus)];
    const float less = minus < 0 ? 0 : pose.curves[static_cast<std::size_t>(minus)];
    return kLookRad * (more - less) / curveMax_;
}

}  // namespace avatarbridge
