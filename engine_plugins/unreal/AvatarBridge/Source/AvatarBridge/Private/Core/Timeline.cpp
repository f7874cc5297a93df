#include "Timeline.h"

#include <cmath>

namespace avatarbridge {

double Timeline::At(double clockS) const {
    int i = count_ - 1;
    while (i > 0 && pieces_[i].from > clockS) --i;
    return pieces_[i].time + (clockS - pieces_[i].from) * pieces_[i].rate;
}

double Timeline::ClockAt(double timeS) const { return Newest().from + (timeS - Newest().time) / Newest().rate; }

void Timeline::MoveAt(double clockS, double timeS) {
    if (Newest().rate == 1 && std::fabs(Newest().time + clockS - Newest().from - timeS) < 1e-7) return;
    while (count_ > 0 && pieces_[count_ - 1].from >= clockS) --count_;
    if (count_ == kPieces) {
        for (int i = 1; i < kPieces; ++i) pieces_[i - 1] = pieces_[i];
        --count_;
    }
    pieces_[count_++] = {clockS, timeS, 1.0};
}

void Timeline::Slew(double clockS, double rate) {
    Piece& newest = pieces_[count_ - 1];
    newest.time += (clockS - newest.from) * newest.rate;
    newest.from = clockS;
    newest.rate = rate;
}

}  // namespace avatarbridge
