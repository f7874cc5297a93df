#pragma once

namespace avatarbridge {

/// Maps a clock to a subject's timeline, both in seconds: straight pieces, each from a reading of the clock on. A piece may
/// begin in the future, so a move falls exactly where it is heard.
class Timeline {
public:
    Timeline(double clockS, double timeS) : pieces_{{clockS, timeS, 1.0}} {}

    /// Where the timeline stands at a reading of the clock.
    double At(double clockS) const;
    /// When the clock will read `timeS`, going by the newest piece.
    double ClockAt(double timeS) const;
    /// From `clockS` on, the timeline stands at `timeS` and runs as the clock does.
    void MoveAt(double clockS, double timeS);
    /// From `clockS` on, go on from where the timeline stands, at another rate.
    void Slew(double clockS, double rate);
    /// Whether a move is still to come.
    bool IsMoving(double clockS) const { return Newest().from > clockS; }

private:
    static constexpr int kPieces = 4;
    struct Piece {
        double from;
        double time;
        double rate;
    };

    const Piece& Newest() const { return pieces_[count_ - 1]; }

    Piece pieces_[kPieces];
    int count_ = 1;
};

}  // namespace avatarbridge
