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

/// A mirrored space turns the other way round: Unity mirrors X, Unreal swaps Y and Z. VRM 0 is turned half round about Y.
Rotation FromVrm1(const Rotation& r) { return r; }
Rotation FromVrm0(const Rotation& r) { return {-r.x, r.y, -r.z, r.w}; }
Rotation FromUnity(const Rotation& r) { return {r.x, -r.y, -r.z, r.w}; }
Rotation FromUnreal(const Rotation& r) { return {-r.x, -r.z, -r.y, r.w}; }
/// What nobody knows to read is left out.
Rotation FromUnknown(const Rotation&) { return Rotation(); }

Rotation (*ReaderOf(const std::string& axes))(const Rotation&) {
    if (axes == "vrm1") return FromVrm1;
    if (axes == "vrm0") return FromVrm0;
    if (axes == "unity") return FromUnity;
    return axes == "unreal" ? FromUnreal : FromUnknown;
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
      toVrm1_(ReaderOf(layout.axes)),
      curveMax_(static_cast<float>(layout.curveMax)) {
    if (neck_ < 0) neck_ = IndexOf(layout.bones, "neck01");  // the mannequins'
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
    const Rotation both = Multiply(toVrm1_(neck), toVrm1_(head));
    const double x = both.x, y = both.y, z = both.z, w = both.w;
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
