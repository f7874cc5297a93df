// Names of shapes, their binding, and the floats of a Live Link subject.

#include <random>

#include "Check.h"
#include "Properties.h"
#include "ShapeBinding.h"
#include "ShapeNames.h"

using namespace avatarbridge;

namespace {

void AllSpellingsOfAShapeComeOutEqual() {
    for (const char* name : {"eyeBlinkLeft", "EyeBlinkLeft", "eyeBlink_L", "eyeBlink.L", "blendShape1.eyeBlinkLeft",
                             "A14_Eye_Blink_Left", "eye-blink l", "EYEBLINK_l"}) {
        CHECK(ShapeKey(name) == "eyeblinkleft");
    }
    CHECK(ShapeKey("jawOpen") == "jawopen" && ShapeKey("").empty() && ShapeKey("L") == "l");
    CHECK(ShapeKey("mouthSmile.R") == "mouthsmileright" && ShapeKey("Face.jawOpen") == "jawopen");
}

void CurvesBindToAllShapesOfTheirName() {
    const ShapeBinding binding = BindShapes({"jawOpen", "tongueOut", "mouthSmileLeft"}, {"Mouth_Smile_L", "JawOpen", "jaw_open"});
    CHECK(binding.pairs.size() == 3 && binding.unbound == std::vector<std::string>{"tongueOut"});
    for (const ShapeBinding::Pair& pair : binding.pairs) CHECK(pair.curve == (pair.shape == 0 ? 2 : 0));
}

Rotation About(int axis, double angle) {
    double xyz[3] = {0, 0, 0};
    xyz[axis] = std::sin(angle / 2);
    return Normalised(xyz[0], xyz[1], xyz[2], std::cos(angle / 2));
}

/// Axes as bridge/rig/compile.py writes them: which component of x y z stands where, and its sign.
struct Axes {
    const char* name;
    const char* neck;
    int order[3];
    float signs[3];
};
constexpr Axes kAxes[] = {
    {"vrm1", "neck", {0, 1, 2}, {1, 1, 1}},
    {"vrm0", "neck", {0, 1, 2}, {-1, 1, -1}},
    {"unity", "Neck", {0, 1, 2}, {1, -1, -1}},
    {"unreal", "neck_01", {0, 2, 1}, {-1, -1, -1}},
};

Rotation In(const Axes& axes, const Rotation& r) {
    const float xyz[3] = {r.x, r.y, r.z};
    const auto part = [&](int i) { return axes.signs[i] * xyz[axes.order[i]]; };
    return {part(0), part(1), part(2), r.w};
}

Layout LayoutIn(const Axes& axes) {
    Layout layout;
    layout.bones = {"hips", axes.neck, "head"};
    layout.axes = axes.name;
    return layout;
}

void AxesThatNobodyKnowsLeaveTheHeadAlone() {
    Layout layout = LayoutIn(kAxes[0]);
    layout.axes = "polar";
    Pose pose(0, 3);
    pose.bones = {Rotation(), About(1, 0.3), About(1, 0.3)};
    Properties properties(layout);
    for (const float value : properties.Values(pose)) CHECK(value == 0);
}

void TheHeadsAnglesComeOutAsTheyWentIn() {
    std::mt19937 random(3);
    std::uniform_real_distribution<double> angle(-0.9, 0.9);
    for (int k = 0; k < 1000; ++k) {
        const double yaw = angle(random), pitch = angle(random), roll = angle(random);
        const Rotation both = Multiply(About(1, yaw), Multiply(About(0, -pitch), About(2, roll)));
        const Rotation neck = Slerp(Rotation(), both, 0.4), head = Slerp(Rotation(), both, 0.6);
        for (const Axes& axes : kAxes) {
            Properties properties(LayoutIn(axes));
            Pose pose(0, 3);
            pose.bones = {Rotation(), In(axes, neck), In(axes, head)};
            const std::vector<float>& values = properties.Values(pose);
            CHECK_NEAR(values[0], yaw, 1e-5);
            CHECK_NEAR(values[1], pitch, 1e-5);
            CHECK_NEAR(values[2], roll, 1e-5);
        }
    }
}

void PropertiesAreNamedAsLiveLinkDoes() {
    Layout layout;
    layout.curves = {"jawOpen", "EyeLookInLeft", "eyeLookOutLeft", "eyeLookInRight", "eyeLookUpRight"};
    Properties properties(layout);
    CHECK(properties.Names().size() == 5 + 9);
    CHECK(properties.Names()[0] == "JawOpen" && properties.Names()[5] == "HeadYaw" && properties.Names()[13] == "RightEyeRoll");
    Pose pose(5, 0);
    pose.curves = {0.25f, 1, 0, 0.5f, 1};
    const std::vector<float>& values = properties.Values(pose);
    CHECK(values[0] == 0.25f && values[5] == 0 && values[10] == 0);
    CHECK_NEAR(values[8], 0.61, 1e-6);
    CHECK_NEAR(values[11], -0.305, 1e-6);
    CHECK_NEAR(values[12], -0.61, 1e-6);
}

}  // namespace

int main() {
    AllSpellingsOfAShapeComeOutEqual();
    CurvesBindToAllShapesOfTheirName();
    AxesThatNobodyKnowsLeaveTheHeadAlone();
    TheHeadsAnglesComeOutAsTheyWentIn();
    PropertiesAreNamedAsLiveLinkDoes();
}
