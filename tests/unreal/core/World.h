#pragma once

#include <cmath>
#include <map>
#include <optional>
#include <stdexcept>
#include <vector>

#include "Check.h"
#include "Messages.h"
#include "Receiver.h"

/// A bridge, an engine and its loudspeaker in virtual time. The bridge sends frames 300 ms ahead, whose curve counts the
/// index; the loudspeaker keeps what was played, frame by frame of its output.
class World : public avatarbridge::Outputs {
public:
    struct Seen {
        double shownS;
        double heardS;
    };
    struct Report {
        std::uint32_t epoch;
        std::int64_t sample;
    };

    double nowS = 100;
    std::optional<double> audioFromS;
    double latencyS = 0.03;
    double audioRate = 1;   ///< How much faster than the machine's clock the loudspeaker's runs.
    double bridgeRate = 1;  ///< How much faster than the machine's clock the bridge's runs.
    std::uint32_t epoch = 0;
    int silences = 0;
    int layouts = 0;
    std::map<std::int64_t, std::int16_t> speaker;
    std::vector<Report> played;
    std::vector<std::string> events;
    avatarbridge::Receiver receiver{*this};

    explicit World(std::int64_t firstDue = 600) : firstDue_(firstDue), sent_(firstDue) {
        receiver.Connected();
        Give(messages::Layout(firstDue));
        Stream();
    }

    /// Seconds on the timeline due at the bridge.
    double DueS() const { return static_cast<double>(firstDue_) / 60 + (nowS - startS_) * bridgeRate; }

    avatarbridge::Reading Now() const {
        avatarbridge::Reading reading;
        reading.nowS = nowS;
        if (!audioFromS) return reading;
        reading.hasAudio = true;
        reading.renderS = (nowS - *audioFromS) * audioRate;
        reading.heardS = reading.renderS - latencyS;
        return reading;
    }

    void Give(const messages::Bytes& bytes) { receiver.Receive(bytes.data(), bytes.size(), Now()); }

    /// The bridge stops: a new epoch, whose frames begin with the one that is due.
    void Stop() {
        ++epoch;
        sent_ = static_cast<std::int64_t>(DueS() * 60);
        Stream();
    }

    /// The bridge sends what may leave by now.
    void Stream() {
        const std::int64_t last = static_cast<std::int64_t>(DueS() * 60) + 18;
        while (sent_ < last) {
            const int count = static_cast<int>(std::min<std::int64_t>(16, last - sent_));
            Give(messages::Frames(sent_, count, epoch));
            sent_ += count;
        }
    }

    /// Let time pass in pictures; what each shows and hears, in seconds on the timeline.
    std::vector<Seen> Pass(double seconds, double fps = 60) {
        std::vector<Seen> seen;
        const double end = nowS + seconds;
        for (int k = 0; nowS < end - 1e-9; ++k) {
            nowS = std::min(end, nowS + 1 / fps);
            Stream();
            seen.push_back(Show());
            if (k % 6 == 0) receiver.Report(Now());
        }
        return seen;
    }

    Seen Show() {
        receiver.Show(Now());
        const double heard = audioFromS ? receiver.Placed().HeardAt(Now().heardS) : NAN;
        return {receiver.ShownTimeS(), heard / avatarbridge::kSampleRateHz};
    }

    void Play(std::int64_t outputFrame, const std::uint8_t* pcm16, int count) override {
        for (int i = 0; i < count; ++i) {
            CHECK(outputFrame + i >= RenderFrame());
            const std::int16_t sample = static_cast<std::int16_t>(pcm16[2 * i] | pcm16[2 * i + 1] << 8);
            CHECK(speaker.emplace(outputFrame + i, sample).second);
        }
    }
    void Silence() override {
        ++silences;
        speaker.erase(speaker.lower_bound(RenderFrame()), speaker.end());
    }
    void LaidOut(const avatarbridge::Layout&) override { ++layouts; }
    void Happened(const avatarbridge::Event& event) override { events.push_back(event.name); }
    void Played(std::uint32_t ofEpoch, std::int64_t sample) override { played.push_back({ofEpoch, sample}); }

private:
    std::int64_t RenderFrame() const {
        return static_cast<std::int64_t>(std::ceil(Now().renderS * avatarbridge::kSampleRateHz - 1e-6));
    }

    std::int64_t firstDue_;
    std::int64_t sent_;
    double startS_ = 100;
};
