#include "Reconnect.h"

#include <algorithm>
#include <cmath>

namespace avatarbridge {
namespace {

constexpr double kFirstS = 0.25;
constexpr double kLongestS = 5;

}  // namespace

double BackoffS(int attempt, double random) {
    return std::min(kLongestS, kFirstS * std::ldexp(1.0, std::clamp(attempt, 0, 16))) * (1 - 0.5 * random);
}

Reconnect::Step Reconnect::Tick(double nowS, double random) {
    if (!isOpen_ && nowS >= nextS_) {
        isOpen_ = true;
        heardS_ = nowS;
        return Step::Connect;
    }
    if (isOpen_ && nowS - heardS_ > silentS_) {
        Lost(nowS, random);
        return Step::Drop;
    }
    return Step::Nothing;
}

void Reconnect::Heard(double nowS) {
    heardS_ = nowS;
    attempt_ = 0;
}

void Reconnect::Lost(double nowS, double random) {
    if (!isOpen_) return;
    isOpen_ = false;
    nextS_ = nowS + BackoffS(attempt_, random);
    attempt_ = std::min(attempt_ + 1, 16);
}

}  // namespace avatarbridge
