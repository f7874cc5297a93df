// The audio queue, its clock, and both behind one lock.

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <random>
#include <thread>

#include "Check.h"
#include "Messages.h"
#include "Speaker.h"

using namespace avatarbridge;

namespace {

messages::Bytes Pcm(const std::vector<std::int16_t>& samples) {
    messages::Bytes bytes;
    for (const std::int16_t sample : samples) messages::Append(bytes, static_cast<std::uint16_t>(sample), 2);
    return bytes;
}

std::vector<std::int16_t> Pulled(AudioQueue& queue, int count) {
    std::vector<std::int16_t> out(static_cast<std::size_t>(count));
    queue.Pull(out.data(), count);
    return out;
}

void WhatIsPutComesOutWhereItWasPutAndSilenceElsewhere() {
    AudioQueue queue;
    const messages::Bytes pcm = Pcm({1, -2, 32767, -32768});
    queue.Put(3, pcm.data(), 4);
    CHECK((Pulled(queue, 5) == std::vector<std::int16_t>{0, 0, 0, 1, -2}));
    CHECK((Pulled(queue, 4) == std::vector<std::int16_t>{32767, -32768, 0, 0}));
    queue.Put(7, pcm.data(), 4);
    CHECK(queue.LostSamples() == 2);
    CHECK((Pulled(queue, 3) == std::vector<std::int16_t>{32767, -32768, 0}));
    queue.Put(queue.NextFrame() + (std::int64_t{1} << 40), pcm.data(), 4);
    CHECK(queue.LostSamples() == 6);
    CHECK(Pulled(queue, 1 << 18) == std::vector<std::int16_t>(1 << 18));
}

void SilenceFadesWithinEightMilliseconds() {
    AudioQueue queue;
    const messages::Bytes pcm = Pcm(std::vector<std::int16_t>(2000, 19200));
    queue.Put(0, pcm.data(), 2000);
    Pulled(queue, 100);
    queue.Silence();
    const std::vector<std::int16_t> out = Pulled(queue, 2000);
    for (std::size_t i = 1; i < 192; ++i) CHECK(out[i] <= out[i - 1] && out[i - 1] - out[i] <= 200);
    CHECK(out[0] >= 19000 && std::count(out.begin() + 191, out.end(), 0) == 2000 - 191);
}

/// The largest error of a clock, after five seconds, in seconds, when pulls wander by `jitterS` and a block has `block` frames.
double LargestError(double ppm, double jitterS, int block, double seconds) {
    AudioClock clock(24000);
    std::mt19937 random(7);
    std::uniform_real_distribution<double> jitter(0, jitterS);
    const double rate = 24000 * (1 + ppm * 1e-6);
    double largest = 0;
    // The output takes three blocks at once as it begins.
    for (int k = 0; k < 3; ++k) clock.Pulled(0, k * block);
    for (std::int64_t k = 3; static_cast<double>(k * block) / rate < seconds; ++k) {
        const double at = static_cast<double>((k - 2) * block) / rate;
        clock.Pulled(at + jitter(random), k * block);
        const double between = at + jitterS + 0.3 * block / rate;
        const double truth = (between - at - jitterS / 2) * rate + static_cast<double>(k * block);
        if (at > 5) largest = std::max(largest, std::fabs(clock.At(between) - truth / 24000));
    }
    return largest;
}

void TheClockRunsEvenlyBetweenUnevenPulls() {
    CHECK(LargestError(0, 0, 512, 30) < 1e-4);
    CHECK(LargestError(100, 0, 1024, 60) < 1e-3);
    CHECK(LargestError(-200, 0.005, 512, 60) < 2e-3);
    CHECK(LargestError(0, 0.010, 1024, 60) < 4e-3);
}

void TheClockRunsOnlyWhilePulled() {
    AudioClock clock(24000);
    CHECK(!clock.IsRunning(0));
    for (int k = 0; k <= 30; ++k) clock.Pulled(k * 0.02, k * 480);
    CHECK(clock.IsRunning(0.61) && !clock.IsRunning(1.2));
    clock.Pulled(2.0, 31 * 480);
    CHECK(!clock.IsRunning(2.0));
    for (int k = 0; k <= 20; ++k) clock.Pulled(2.02 + k * 0.02, (32 + k) * 480);
    CHECK(clock.IsRunning(2.43));
    CHECK_NEAR(clock.At(2.43), (52 * 480 + 0.01 * 24000) / 24000, 1e-3);
}

void HeardIsNeverAheadOfWhatWasPulled() {
    Speaker speaker;
    speaker.SetLatency(0.05);
    std::vector<std::int16_t> out(512);
    for (int k = 0; k < 100; ++k) speaker.Pull(k * 512 / 24000.0, out.data(), 512);
    const Reading reading = speaker.Read(2.4);
    CHECK(reading.hasAudio && reading.nowS == 2.4);
    CHECK_NEAR(reading.heardS, 100 * 512 / 24000.0 - 0.05, 1e-9);
    CHECK_NEAR(reading.renderS, 101 * 512 / 24000.0, 1e-9);
    CHECK_NEAR(speaker.BlockS(), 512 / 24000.0, 1e-9);
}

void TwoThreadsMayUseASpeaker() {
    Speaker speaker;
    const messages::Bytes pcm = Pcm(std::vector<std::int16_t>(480, 1000));
    long long sum = 0;
    std::thread output([&] {
        std::vector<std::int16_t> out(480);
        for (int k = 0; k < 2000; ++k) {
            speaker.Pull(k * 0.02, out.data(), 480);
            sum = std::accumulate(out.begin(), out.end(), sum);
        }
    });
    std::int64_t frame = 0;
    for (int k = 0; k < 1000; ++k) {
        const Reading reading = speaker.Read(0);
        frame = std::max(frame, static_cast<std::int64_t>(reading.renderS * 24000) + 480);
        speaker.Play(frame, pcm.data(), 480);
        frame += 480;
        if (k % 100 == 99) speaker.Silence();
    }
    output.join();
    CHECK(sum >= 0 && sum <= 1000LL * 480 * 1000);
}

}  // namespace

int main() {
    WhatIsPutComesOutWhereItWasPutAndSilenceElsewhere();
    SilenceFadesWithinEightMilliseconds();
    TheClockRunsEvenlyBetweenUnevenPulls();
    TheClockRunsOnlyWhilePulled();
    HeardIsNeverAheadOfWhatWasPulled();
    TwoThreadsMayUseASpeaker();
}
