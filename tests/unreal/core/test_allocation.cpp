// Between layouts, frames, pictures, blocks of sound and reports allocate nothing.

#include <atomic>
#include <new>

#include "Check.h"
#include "Messages.h"
#include "Properties.h"
#include "Receiver.h"
#include "Speaker.h"

static std::atomic<long> allocations{0};

// Counts what the whole program asks for, in the plain build; sanitizers bring their own.
void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size)) return memory;
    std::abort();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

using namespace avatarbridge;

namespace {

class PlayedAloud final : public Outputs {
public:
    Speaker speaker;
    void Play(std::int64_t frame, const std::uint8_t* pcm16, int count) override { speaker.Play(frame, pcm16, count); }
    void Silence() override { speaker.Silence(); }
    void LaidOut(const Layout&) override {}
    void Happened(const Event&) override {}
    void Played(std::uint32_t, std::int64_t) override { ++reports; }
    int reports = 0;
};

}  // namespace

int main() {
    PlayedAloud outputs;
    Receiver receiver(outputs);
    std::vector<messages::Bytes> frames, audio;
    for (int k = 0; k < 600; ++k) frames.push_back(messages::Frames(618 + k, 1));
    for (int k = 0; k < 400; ++k) audio.push_back(messages::Audio((700 + k) * 400, std::vector<std::int16_t>(400, 9)));
    std::int16_t block[400];
    const auto play = [&](int k) {
        const double nowS = 50 + k / 60.0;
        outputs.speaker.Pull(nowS, block, 400);
        const Reading reading = outputs.speaker.Read(nowS);
        receiver.Receive(frames[static_cast<std::size_t>(k)].data(), frames[static_cast<std::size_t>(k)].size(), reading);
        if (k >= 100 && k < 500) {
            const messages::Bytes& bytes = audio[static_cast<std::size_t>(k - 100)];
            receiver.Receive(bytes.data(), bytes.size(), reading);
        }
        receiver.Show(reading);
        if (k % 6 == 0) receiver.Report(reading);
    };
    const messages::Bytes layout = messages::Layout(600);
    receiver.Receive(layout.data(), layout.size(), outputs.speaker.Read(50));
    Properties properties(*receiver.CurrentLayout());
    for (int k = 0; k < 60; ++k) play(k);
    const long before = allocations;
    for (int k = 60; k < 600; ++k) {
        play(k);
        properties.Values(receiver.CurrentPose());
    }
    CHECK(allocations == before);
    CHECK(receiver.Counts().frames == 600 && outputs.reports > 10 && outputs.speaker.LostSamples() == 0);
}
