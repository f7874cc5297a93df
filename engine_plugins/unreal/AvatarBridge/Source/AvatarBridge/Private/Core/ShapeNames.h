#pragma once

#include <string>

namespace avatarbridge {

/// One spelling for the names that avatars give ARKit's shapes. Tools write `jawOpen`, `JawOpen`, `eyeBlink_L`,
/// `blendShape1.eyeBlinkLeft`, `A14_Eye_Blink_Left`, `mouthSmile.R`: all of a kind come out equal.
std::string ShapeKey(const std::string& name);

}  // namespace avatarbridge
