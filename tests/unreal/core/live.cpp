// The core against a running bridge: live PORT. It connects as the plugin does, lets the bridge speak, plays the speech on a
// loudspeaker that runs in real time, and checks each frame's time and value against the bridge's JSON stream.

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>

#include "Check.h"
#include "Control.h"
#include "Messages.h"
#include "Properties.h"
#include "Receiver.h"
#include "Speaker.h"
#include "WebSocket.h"

using namespace avatarbridge;

namespace {

const char* const kText = "The north wind and the sun disputed which was the stronger.";
const char* const kQuery = "subject=live&rig=metahuman";
constexpr double kLatencyS = 0.06;

double NowS() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::vector<std::int16_t> FromBase64(const std::string& text) {
    std::vector<std::uint8_t> bytes;
    std::uint32_t bits = 0;
    int held = 0;
    for (const char c : text) {
        static const std::string kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        const std::size_t digit = kDigits.find(c);
        if (digit == std::string::npos) break;
        bits = bits << 6 | static_cast<std::uint32_t>(digit);
        if ((held += 6) >= 8) bytes.push_back(static_cast<std::uint8_t>(bits >> (held -= 8)));
    }
    std::vector<std::int16_t> samples;
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
        samples.push_back(static_cast<std::int16_t>(bytes[i] | bytes[i + 1] << 8));
    }
    return samples;
}

/// What the JSON stream says, by epoch and index: the values last sent for each.
class Witness {
public:
    std::map<std::pair<std::uint32_t, std::int64_t>, std::vector<float>> curves;
    std::map<std::int64_t, std::int16_t> speech;

    void Take(const std::string& text) {
        Json fields;
        CHECK(ParseJson(text.data(), text.size(), fields));
        const std::uint32_t epoch = static_cast<std::uint32_t>(fields.Number("epoch"));
        const std::string type = fields.Text("type");
        if (type == "frame") {
            const std::int64_t index = static_cast<std::int64_t>(fields.Number("index"));
            CHECK(static_cast<std::int64_t>(fields.Number("pts_ns")) == index * 1000000000 / 60);
            std::vector<float>& row = curves[{epoch, index}];
            row.clear();
            for (const Json& value : fields.Find("curves")->items) row.push_back(static_cast<float>(value.number));
        } else if (type == "audio") {
            const std::vector<std::int16_t> samples = FromBase64(fields.Text("pcm16"));
            std::int64_t at = static_cast<std::int64_t>(fields.Number("start_sample"));
            for (const std::int16_t sample : samples) speech[at++] = sample;
        }
    }
};

/// The engine's side: receiver, loudspeaker, and what they saw.
class Engine final : public Outputs {
public:
    Speaker speaker;
    Receiver receiver{*this};
    std::map<std::pair<std::uint32_t, std::int64_t>, std::vector<float>> curves;
    std::vector<double> errorsMs;
    std::vector<std::string> captions;
    std::int64_t reports = 0;
    int stops = 0;
    float widest = 0;
    double lastSoundS = 0;
    std::vector<std::int16_t> pulled;
    WebSocket& stream;

    explicit Engine(WebSocket& socket) : stream(socket) {
        speaker.SetLatency(kLatencyS);
        receiver.Connected();
    }

    void Take(const std::string& bytes) {
        const std::uint8_t* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
        Message message;
        CHECK(Decode(data, bytes.size(), receiver.CurrentLayout(), message) == nullptr);
        receiver.Receive(data, bytes.size(), speaker.Read(NowS()));
        if (message.type != MessageType::Frames) return;
        const Layout& layout = *receiver.CurrentLayout();
        Pose pose(layout.curves.size(), layout.bones.size());
        for (int i = 0; i < message.count; ++i) {
            ReadFrame(message, i, layout, pose);
            curves[{message.epoch, message.start + i}] = pose.curves;
        }
    }

    /// One picture, and the blocks of sound that fall into its time.
    void Tick() {
        const double nowS = NowS();
        if (startS_ == 0) startS_ = nowS;
        for (; startS_ + static_cast<double>(pulled.size()) / kSampleRateHz <= nowS;) {
            std::int16_t block[512];
            speaker.Pull(startS_ + static_cast<double>(pulled.size()) / kSampleRateHz, block, 512);
            pulled.insert(pulled.end(), block, block + 512);
            if (std::any_of(block, block + 512, [](std::int16_t sample) { return sample != 0; })) lastSoundS = nowS;
        }
        const Reading reading = speaker.Read(nowS);
        receiver.Show(reading);
        if (++ticks_ % 6 == 0) receiver.Report(reading);
        if (!reading.hasAudio || receiver.CurrentLayout() == nullptr) return;
        const double heard = receiver.Placed().HeardAt(reading.heardS);
        if (std::isnan(heard)) return;
        errorsMs.push_back(1000 * std::fabs(receiver.ShownTimeS() - heard / kSampleRateHz));
        const std::vector<std::string>& names = receiver.CurrentLayout()->curves;
        const auto jaw = std::find(names.begin(), names.end(), "JawOpen");
        CHECK(jaw != names.end());
        widest = std::max(widest, receiver.CurrentPose().curves[static_cast<std::size_t>(jaw - names.begin())]);
    }

private:
    void Play(std::int64_t frame, const std::uint8_t* pcm16, int count) override { speaker.Play(frame, pcm16, count); }
    void Silence() override { speaker.Silence(); }
    void LaidOut(const Layout&) override {}
    void Happened(const Event& event) override {
        if (event.name == "caption") captions.push_back(event.fields.Text("text"));
        if (event.name == "stopped") ++stops;
    }
    void Played(std::uint32_t epoch, std::int64_t sample) override {
        ++reports;
        stream.Send(EncodePlayed(epoch, sample));
    }

    double startS_ = 0;
    std::int64_t ticks_ = 0;
};

class Session {
public:
    explicit Session(int port)
        : stream_(port, std::string("/ws/stream?primary=1&") + kQuery),
          json_(port, std::string("/ws/stream?format=json&") + kQuery),
          control_(port, std::string("/ws/control?") + kQuery),
          engine(stream_) {
        CHECK(stream_.IsOpen() && json_.IsOpen() && control_.IsOpen());
    }

    template <typename Done>
    void Until(Done done, double timeoutS, const char* what) {
        const double endS = NowS() + timeoutS;
        while (!done()) {
            if (NowS() > endS) std::fprintf(stderr, "waited in vain for %s\n", what);
            CHECK(NowS() <= endS);
            Pump();
        }
    }

    void Say(const std::string& text) {
        Line line;
        line.text = text;
        control_.Send(EncodeSay(line));
    }

    void Send(const std::string& text) { control_.Send(text); }

    bool IsPlaying() const { return engine.receiver.IsPlaying(engine.speaker.Read(NowS())); }

private:
    void Pump() {
        std::string message;
        while (stream_.Receive(message, 0)) engine.Take(message);
        while (json_.Receive(message, 0)) witness.Take(message);
        while (control_.Receive(message, 0)) CHECK(desk.Receive(message.data(), message.size()));
        engine.Tick();
        std::this_thread::sleep_for(std::chrono::milliseconds(8));
    }

    WebSocket stream_;
    WebSocket json_;
    WebSocket control_;

public:
    Engine engine;
    Witness witness;
    Desk desk;
};

std::vector<std::int16_t> WithoutSilence(std::vector<std::int16_t> samples) {
    samples.erase(std::remove(samples.begin(), samples.end(), 0), samples.end());
    return samples;
}

void ASentenceIsHeardAndSeenTogether(Session& session) {
    Engine& engine = session.engine;
    session.Until([&] { return engine.pulled.size() > 24000; }, 20, "the loudspeaker");
    session.Say(kText);
    session.Until([&] { return session.IsPlaying(); }, 30, "speech");
    session.Until([&] { return engine.stops > 0 && !session.IsPlaying(); }, 60, "the end of the sentence");
    std::vector<std::int16_t> sent;
    for (const auto& [at, sample] : session.witness.speech) sent.push_back(sample);
    CHECK(sent.size() > 24000 && WithoutSilence(engine.pulled) == WithoutSilence(sent));
    CHECK(engine.speaker.LostSamples() == 0 && engine.receiver.Counts().malformed == 0);
    CHECK(!engine.captions.empty() && engine.captions[0] == kText);
    CHECK(engine.reports > 10 && engine.widest > 0.05f);
    std::sort(engine.errorsMs.begin(), engine.errorsMs.end());
    const double p50 = engine.errorsMs[engine.errorsMs.size() / 2];
    const double p99 = engine.errorsMs[engine.errorsMs.size() * 99 / 100];
    std::printf("live: %zu frames, %zu samples, %zu pictures during speech; shown less heard p50 %.2f ms, p99 %.2f ms\n",
                engine.curves.size(), sent.size(), engine.errorsMs.size(), p50, p99);
    CHECK(p99 < 1000 / 60.0);
}

/// Values are sent in steps of 1/255; both clients must have seen the same for nearly all, for all once sending is done.
void EveryFrameIsWhatTheBridgeSays(Session& session) {
    int compared = 0;
    const std::int64_t newest = session.engine.curves.rbegin()->first.second;
    for (const auto& [key, values] : session.engine.curves) {
        const auto told = session.witness.curves.find(key);
        if (told == session.witness.curves.end() || key.second > newest - 60) continue;
        CHECK(told->second.size() == values.size());
        for (std::size_t c = 0; c < values.size(); ++c) CHECK_NEAR(values[c], told->second[c], 0.5 / 255 + 1e-4);
        ++compared;
    }
    std::printf("live: %d frames equal to the JSON stream's\n", compared);
    CHECK(compared > 120);
}

void TuningGoesBothWays(Session& session) {
    const std::string path = "rig.curves.JawOpen.gain";
    session.Until([&] { return session.desk.Find(path) != nullptr; }, 10, "the schema");
    const auto gain = [&] { return session.desk.Values().at(path).number; };
    const double before = gain();
    session.Send(EncodeSet(path, 1.5));
    session.Until([&] { return gain() == 1.5; }, 10, "the change");
    session.Send(EncodeCommand("undo"));
    session.Until([&] { return gain() == before; }, 10, "the undo");
    session.Send(EncodeSet("rig.curves.NoSuchCurve.gain", 1));
    session.Until([&] { return !session.desk.LastError().empty(); }, 10, "the refusal");
}

void AStopIsHeardAtOnce(Session& session) {
    Engine& engine = session.engine;
    session.Say(std::string(kText) + " " + kText + " " + kText);
    session.Until([&] { return session.IsPlaying(); }, 30, "speech");
    const double startedS = NowS();
    session.Until([&] { return NowS() - startedS > 0.7; }, 5, "some speech");
    const std::uint32_t epoch = engine.receiver.Epoch();
    session.Send(EncodeCommand("stop"));
    session.Until([&] { return engine.receiver.Epoch() > epoch; }, 10, "the new epoch");
    const std::size_t at = engine.pulled.size();
    session.Until([&] { return engine.pulled.size() > at + 24000; }, 10, "a second");
    const auto last = std::find_if(engine.pulled.rbegin(), engine.pulled.rend(), [](std::int16_t s) { return s != 0; });
    const std::ptrdiff_t end = engine.pulled.rend() - last;
    CHECK(end <= static_cast<std::ptrdiff_t>(at) + 512 + 192);
}

}  // namespace

int main(int argc, char** argv) {
    CHECK(argc == 2);
    Session session(std::atoi(argv[1]));
    ASentenceIsHeardAndSeenTogether(session);
    EveryFrameIsWhatTheBridgeSays(session);
    TuningGoesBothWays(session);
    AStopIsHeardAtOnce(session);
}
