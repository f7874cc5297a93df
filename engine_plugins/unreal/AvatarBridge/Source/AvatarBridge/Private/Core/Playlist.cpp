#include "Playlist.h"

#include <cmath>
#include <cstddef>

#include "Wire.h"

namespace avatarbridge {
namespace {

/// How long a stretch that was heard is remembered: longer than any output's latency.
constexpr double kKeptS = 3;
/// Pieces that follow each other are one stretch, so this many stretches are minutes of speech.
constexpr std::size_t kMaxStretches = 64;

}  // namespace

Playlist::Playlist() { placed_.reserve(kMaxStretches); }

std::int64_t Playlist::EndSample() const {
    return placed_.empty() ? -1 : placed_.back().startSample + placed_.back().count;
}

std::int64_t Playlist::EndFrame() const {
    return placed_.empty() ? -1 : placed_.back().outputFrame + placed_.back().count;
}

void Playlist::Add(std::int64_t outputFrame, std::int64_t startSample, int count) {
    if (!placed_.empty() && outputFrame == EndFrame() && startSample == EndSample()) {
        placed_.back().count += count;
        return;
    }
    if (placed_.size() == kMaxStretches) placed_.erase(placed_.begin());
    placed_.push_back({outputFrame, startSample, count});
}

double Playlist::HeardAt(double heardS) const {
    const double frame = heardS * kSampleRateHz;
    for (std::size_t i = placed_.size(); i-- > 0;) {
        const double into = frame - static_cast<double>(placed_[i].outputFrame);
        if (into >= 0 && into < static_cast<double>(placed_[i].count)) {
            return static_cast<double>(placed_[i].startSample) + into;
        }
    }
    return NAN;
}

std::int64_t Playlist::FinishedAt(double heardS) const {
    const double frame = heardS * kSampleRateHz;
    for (std::size_t i = placed_.size(); i-- > 0;) {
        if (static_cast<double>(placed_[i].outputFrame + placed_[i].count) <= frame) {
            return placed_[i].startSample + placed_[i].count;
        }
    }
    return -1;
}

bool Playlist::IsPlaying(double heardS) const { return static_cast<double>(EndFrame()) > heardS * kSampleRateHz; }

void Playlist::Prune(double heardS) {
    const double limit = (heardS - kKeptS) * kSampleRateHz;
    std::size_t old = 0;
    while (old + 1 < placed_.size() && static_cast<double>(placed_[old].outputFrame + placed_[old].count) <= limit) ++old;
    placed_.erase(placed_.begin(), placed_.begin() + static_cast<std::ptrdiff_t>(old));
}

}  // namespace avatarbridge
