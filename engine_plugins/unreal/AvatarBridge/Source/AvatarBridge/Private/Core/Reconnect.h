#pragma once

namespace avatarbridge {

/// How long to wait before connecting again, in seconds: twice as long each time, up to five, less a random part so that many
/// clients do not return at once. `random` lies in 0..1.
double BackoffS(int attempt, double random);

/// When to open a connection and when to give one up, for as long as its owner lives. No sockets and no clock of its own.
class Reconnect {
public:
    enum class Step { Nothing, Connect, Drop };

    /// `silentS`: a connection silent for longer is dead though it may not say so. On `/ws/stream` frames are always sent.
    explicit Reconnect(double silentS = 5) : silentS_(silentS) {}

    /// What to do now. `Drop` is followed by another `Connect`. `random` lies in 0..1.
    Step Tick(double nowS, double random);
    /// Something arrived: the connection is good.
    void Heard(double nowS);
    /// The connection ended or could not be made.
    void Lost(double nowS, double random);

private:
    double silentS_;
    bool isOpen_ = false;
    int attempt_ = 0;
    double nextS_ = 0;
    double heardS_ = 0;
};

}  // namespace avatarbridge
