#include "Playlist.h"

#include <algorithm>
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

void Playlist::Add(std::int64_t outputFrame, std::int64_t startSample, int count) {
    endSample_ = std::max(endSample_, startSample + count);
    endFrame_ = std::max(endFrame_, outputFrame + count);
    if (!placed_.empty()) {
        Placed& last = placed_.back();
        if (last.outputFrame + last.count == outputFrame && last.startSample + last.count == startSample) {
            last.count += count;
            return;
        }
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
    std::int64_t finished = -1;
    for (const Placed& piece : placed_) {
        const bool isOver = static_cast<double>(piece.outputFrame + piece.count) <= heardS * kSampleRateHz;
        if (isOver) finished = std::max(finished, piece.startSample + piece.count);
    }
    return finished;
}

bool Playlist::IsPlaying(double heardS) const { return static_cast<double>(endFrame_) > heardS * kSampleRateHz; }

std::int64_t Playlist::FrameFor(std::int64_t sample) const {
    const Placed* nearest = &placed_.back();
    for (const Placed& piece : placed_) {
        if (piece.startSample + piece.count > sample && piece.startSample < nearest->startSample) nearest = &piece;
    }
    return nearest->outputFrame + sample - nearest->startSample;
}

bool Playlist::Holds(std::int64_t startSample, int count) const {
    return std::any_of(placed_.begin(), placed_.end(), [=](const Placed& piece) {
        return piece.startSample <= startSample && startSample + count <= piece.startSample + piece.count;
    });
}

void Playlist::Prune(double heardS) {
    const double limit = (heardS - kKeptS) * kSampleRateHz;
    std::size_t old = 0;
    while (old + 1 < placed_.size() && static_cast<double>(placed_[old].outputFrame + placed_[old].count) <= limit) ++old;
    placed_.erase(placed_.begin(), placed_.begin() + static_cast<std::ptrdiff_t>(old));
}

void Playlist::Clear() {
    placed_.clear();
    endSample_ = endFrame_ = -1;
}

}  // namespace avatarbridge
