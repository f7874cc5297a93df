#pragma once

#include <algorithm>
#include <random>
#include <vector>

#include "Check.h"
#include "Messages.h"
#include "Receiver.h"
#include "Speaker.h"

/// What lies between the bridge and the engine, and whose clock runs how fast. The same as in the C# core's tests.
struct Conditions {
    const char* name;
    double minutes = 3;
    double delayS = 0;
    double jitterS = 0;         ///< The standard deviation of each message's own delay (normal, never below zero).
    double loss = 0;            ///< The share of messages lost; a lost one is sent again after `retransmitS`, unless that is 0.
    double retransmitS = 0.2;
    bool inOrder = true;        ///< As on a WebSocket: a message that is late holds up those behind.
    double stallS = 0;          ///< Each half minute nothing arrives for so long.
    double bridgePpm = 0;
    double devicePpm = 0;
    bool speaksWithoutPause = false;
};

/// The bridge, a network, an engine and its loudspeaker on a virtual clock, seeded. What is measured is taken from the ends:
/// the time shown from the pose's own curve, which counts frames, and the time heard from the samples that were pulled,
/// which count too, at the place where the loudspeaker then is. Nothing asks the receiver what it believes.
class Simulation final : public avatarbridge::Outputs {
public:
    std::vector<double> errorsMs;   ///< Shown less heard, at each picture during speech.
    std::vector<double> settledMs;  ///< Those later than three seconds after a stall.
    int misfits = 0;                ///< Pictures of silence during speech.
    std::int64_t lost() const { return speaker_.LostSamples(); }
    std::int64_t late() const { return receiver_.Counts().late; }

    explicit Simulation(const Conditions& conditions) : c_(conditions) {
        speaker_.SetLatency(kDeviceLatencyS + 2 * kBlock / static_cast<double>(avatarbridge::kSampleRateHz));
        receiver_.Connected();
    }

    void Run() {
        sent_ = Due();
        Send(LayoutBytes(Due()));
        double nextBridgeS = 0, nextShowS = 0.005;
        while (nowS_ < 60 * c_.minutes) {
            const double pullS = NextPullS();
            nowS_ = std::min({nextBridgeS, nextShowS, pullS});
            if (nowS_ == pullS) {
                Pull();
            } else if (nowS_ == nextBridgeS) {
                Bridge();
                nextBridgeS += kTickS;
            } else {
                Show();
                nextShowS += kTickS + 0.003 * (Random() - 0.5);
            }
        }
    }

private:
    static constexpr double kTickS = 1 / 60.0;
    static constexpr double kDeviceLatencyS = 0.04;
    static constexpr double kStallEveryS = 30;
    static constexpr double kRecoveryS = 3;
    static constexpr int kBlock = 1024;  ///< Frames that the engine pulls at once.
    static constexpr int kWrap = 60000;
    static constexpr std::int64_t kLog = 1 << 18;
    static constexpr std::int16_t kSilent = -32768;

    struct Sent {
        double arrivesS;
        messages::Bytes bytes;
    };

    void Play(std::int64_t frame, const std::uint8_t* pcm16, int count) override { speaker_.Play(frame, pcm16, count); }
    void Silence() override { speaker_.Silence(); }
    void LaidOut(const avatarbridge::Layout&) override {}
    void Happened(const avatarbridge::Event&) override {}
    void Played(std::uint32_t, std::int64_t) override {}

    double Random() { return std::uniform_real_distribution<double>(0, 1)(random_); }
    std::int64_t Due() const { return 600 + static_cast<std::int64_t>(std::floor(nowS_ * (1 + c_.bridgePpm * 1e-6) * 60)); }

    void Bridge() {
        if (Due() > speechEnd_ + pause_) {
            speechStart_ = std::max(Due() + 4, speechEnd_);
            const std::int64_t length = 60 + static_cast<std::int64_t>(540 * Random());
            speechEnd_ = speechStart_ + (c_.speaksWithoutPause ? std::int64_t{1} << 30 : length);
            pause_ = 30 + static_cast<std::int64_t>(210 * Random());
            sent_ = std::min(sent_, speechStart_);
        }
        const std::int64_t last = Due() + 18;
        while (sent_ < last) {
            const bool isSpeech = sent_ >= speechStart_ && sent_ < speechEnd_;
            std::int64_t until = isSpeech ? std::min(last, speechEnd_) : last;
            if (sent_ < speechStart_) until = std::min(until, speechStart_);
            const int count = static_cast<int>(std::min<std::int64_t>(16, until - sent_));
            if (isSpeech) Send(SpeechBytes(sent_ * 400, count * 400));
            Send(FrameBytes(sent_, count, isSpeech));
            sent_ += count;
        }
    }

    void Send(messages::Bytes bytes) {
        const bool isLost = Random() < c_.loss;
        if (isLost && c_.retransmitS == 0 && bytes[3] != 1) return;
        const double own = c_.jitterS > 0 ? std::normal_distribution<double>(0, c_.jitterS)(random_) : 0;
        double arrivesS = nowS_ + std::max(0.0, c_.delayS + own) + (isLost ? c_.retransmitS : 0);
        const double sinceStall = std::fmod(arrivesS, kStallEveryS);
        if (c_.stallS > 0 && arrivesS > kStallEveryS && sinceStall < c_.stallS) arrivesS += c_.stallS - sinceStall;
        if (c_.inOrder) arrivesS = std::max(arrivesS, lastArrivalS_);
        lastArrivalS_ = arrivesS;
        network_.push_back({arrivesS, std::move(bytes)});
    }

    /// The engine takes three blocks at once as it begins, then one as each has been played, up to 8 ms late.
    double NextPullS() const {
        const double steady = static_cast<double>(std::max<std::int64_t>(0, blocks_ - 2)) * kBlock / DeviceRate();
        return steady + pullJitterS_;
    }
    double DeviceRate() const { return avatarbridge::kSampleRateHz * (1 + c_.devicePpm * 1e-6); }

    void Pull() {
        std::int16_t block[kBlock];
        speaker_.Pull(nowS_, block, kBlock);
        for (int i = 0; i < kBlock; ++i) log_[static_cast<std::size_t>((blocks_ * kBlock + i) & (kLog - 1))] = block[i];
        ++blocks_;
        pullJitterS_ = blocks_ < 3 ? 0 : 0.008 * Random();
    }

    void Show() {
        if (c_.stallS > 0 && nowS_ > kStallEveryS && std::fmod(nowS_, kStallEveryS) < c_.stallS) lastFaultS_ = nowS_;
        Deliver();
        receiver_.Show(speaker_.Read(nowS_));
        if (++pictures_ % 6 == 0) receiver_.Report(speaker_.Read(nowS_));
        Measure();
    }

    void Deliver() {
        const auto isLater = [this](const Sent& sent) { return sent.arrivesS > nowS_; };
        const auto byArrival = [](const Sent& a, const Sent& b) { return a.arrivesS < b.arrivesS; };
        std::stable_sort(network_.begin(), network_.end(), byArrival);
        const auto end = std::find_if(network_.begin(), network_.end(), isLater);
        for (auto it = network_.begin(); it != end; ++it) {
            receiver_.Receive(it->bytes.data(), it->bytes.size(), speaker_.Read(nowS_));
        }
        network_.erase(network_.begin(), end);
    }

    void Measure() {
        if (receiver_.CurrentLayout() == nullptr) return;
        const double shownS = ShownS();
        const double heardS = HeardS(shownS);
        if (std::isnan(shownS) || std::isnan(heardS)) return;
        errorsMs.push_back(1000 * (shownS - heardS));
        if (nowS_ - lastFaultS_ > kRecoveryS) settledMs.push_back(1000 * (shownS - heardS));
        if (receiver_.CurrentPose().curves[1] == 0) ++misfits;
    }

    /// The time that the pose on show belongs to, by its own counting curve; NaN where that begins anew.
    double ShownS() const {
        const double position = receiver_.ShownTimeS() * 60;
        const double counted = receiver_.CurrentPose().curves[0] * 255;
        if (std::isnan(position) || std::fmod(position, 256) > 254.9) return NAN;
        return (std::floor(position / 256) * 256 + counted) / 60;
    }

    /// What comes out of the loudspeaker now, by the samples themselves; NaN in a silence.
    double HeardS(double nearS) const {
        const double frame = (nowS_ - kDeviceLatencyS) * DeviceRate();
        if (frame < 0 || std::isnan(nearS)) return NAN;
        const std::int64_t whole = static_cast<std::int64_t>(frame);
        CHECK(whole < blocks_ * kBlock);
        const int code = log_[static_cast<std::size_t>(whole & (kLog - 1))];
        if (code == 0) return NAN;
        const double wrapped = code < 0 ? code + kWrap / 2 : code - 1 + kWrap / 2;
        const double turns = std::round((nearS * avatarbridge::kSampleRateHz - wrapped) / kWrap);
        return (turns * kWrap + wrapped + frame - static_cast<double>(whole)) / avatarbridge::kSampleRateHz;
    }

    /// Samples that tell where they stand, modulo `kWrap`; never 0, which is silence.
    static messages::Bytes SpeechBytes(std::int64_t start, int count) {
        std::vector<std::int16_t> pcm16;
        for (int i = 0; i < count; ++i) {
            const int code = static_cast<int>((start + i) % kWrap) - kWrap / 2;
            pcm16.push_back(static_cast<std::int16_t>(code < 0 ? code : code + 1));
        }
        return messages::Audio(start, pcm16);
    }

    static messages::Bytes LayoutBytes(std::int64_t dueIndex) {
        return messages::Text(1, 0,
                              "{\"subject\":\"a\",\"due_index\":" + std::to_string(dueIndex) +
                                  ",\"primary\":true,\"curves\":[\"count\",\"isSpeech\"],\"bones\":[],"
                                  "\"curve_range\":[0,1],\"curve_steps\":255,\"bone_steps\":32767}");
    }

    static messages::Bytes FrameBytes(std::int64_t first, int count, bool isSpeech) {
        messages::Bytes out = messages::Header(3, 0);
        const std::uint64_t index = static_cast<std::uint64_t>(first);
        messages::Append(out, index, 4);
        messages::Append(out, static_cast<std::uint64_t>(count), 4);
        messages::Append(out, index * 1000000000u / 60, 8);
        for (int i = 0; i < count; ++i) {
            out.push_back(static_cast<std::uint8_t>((first + i) % 256));
            out.push_back(isSpeech ? 255 : 0);
        }
        return out;
    }

    const Conditions c_;
    std::mt19937 random_{7};
    avatarbridge::Speaker speaker_;
    avatarbridge::Receiver receiver_{*this};
    std::vector<Sent> network_;
    std::vector<std::int16_t> log_ = std::vector<std::int16_t>(kLog, kSilent);
    double nowS_ = 0;
    double lastArrivalS_ = 0;
    double pullJitterS_ = 0;
    double lastFaultS_ = -1e9;
    std::int64_t sent_ = 0;
    std::int64_t speechStart_ = -1;
    std::int64_t speechEnd_ = -1;
    std::int64_t pause_ = 0;
    std::int64_t blocks_ = 0;
    std::int64_t pictures_ = 0;
};
