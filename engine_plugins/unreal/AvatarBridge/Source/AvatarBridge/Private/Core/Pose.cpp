#include "Pose.h"

#include <cmath>

namespace avatarbridge {

void Pose::Blend(const Pose& a, const Pose& b, double fraction) {
    const float share = static_cast<float>(fraction);
    for (std::size_t c = 0; c < curves.size(); ++c) curves[c] = a.curves[c] + (b.curves[c] - a.curves[c]) * share;
    for (std::size_t i = 0; i < bones.size(); ++i) bones[i] = Slerp(a.bones[i], b.bones[i], fraction);
}

Rotation Normalised(double x, double y, double z, double w) {
    const double norm = std::sqrt(x * x + y * y + z * z + w * w);
    if (!(norm > 0)) return Rotation();
    return {static_cast<float>(x / norm), static_cast<float>(y / norm), static_cast<float>(z / norm),
            static_cast<float>(w / norm)};
}

Rotation Multiply(const Rotation& a, const Rotation& b) {
    return {a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y, a.w * b.y - a.x * b.z + a.y * b.w + a.z * b.x,
            a.w * b.z + a.x * b.y - a.y * b.x + a.z * b.w, a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z};
}

Rotation Slerp(const Rotation& a, const Rotation& b, double fraction) {
    const double dot = a.x * b.x + a.y * b.y + a.z * b.z + a.w * b.w;
    const double cosine = std::fabs(dot);
    double ofA = 1 - fraction;
    double ofB = fraction;
    if (cosine < 0.9995) {
        const double angle = std::acos(cosine);
        ofA = std::sin(ofA * angle) / std::sin(angle);
        ofB = std::sin(ofB * angle) / std::sin(angle);
    }
    if (dot < 0) ofB = -ofB;
    return Normalised(ofA * a.x + ofB * b.x, ofA * a.y + ofB * b.y, ofA * a.z + ofB * b.z, ofA * a.w + ofB * b.w);
}

}  // namespace avatarbridge
