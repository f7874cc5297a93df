// The laws of a receiver: engine_plugins/PROTOCOL.md, "Time". The page's core is held to the same.

#include "World.h"

using namespace avatarbridge;

namespace {

constexpr std::int64_t kSoon = 640 * 400;

std::vector<std::int16_t> Ramp(std::int64_t start, int count) {
    std::vector<std::int16_t> out;
    for (int i = 0; i < count; ++i) out.push_back(static_cast<std::int16_t>((start + i) % 30000));
    return out;
}

void CheckHeardWhole(const World& world, int count) {
    CHECK(static_cast<int>(world.speaker.size()) == count);
    std::int64_t frame = world.speaker.begin()->first;
    int sample = 0;
    for (const auto& [at, value] : world.speaker) {
        CHECK(at == frame++);
        CHECK(value == sample++ % 30000);
    }
}

int CheckTogether(const std::vector<World::Seen>& seen) {
    int count = 0;
    for (const World::Seen& s : seen) {
        if (std::isnan(s.heardS)) continue;
        CHECK_NEAR(s.shownS, s.heardS, 1e-4);
        ++count;
    }
    return count;
}

void BeforeAudioFrameKIsShownAtArrivalPlusBuffer() {
    World world;
    CHECK_NEAR(world.Pass(0.102).back().shownS, 10.002, 1e-9);
    CHECK_NEAR(world.Pass(0.5).back().shownS, 10.502, 1e-9);
    CHECK_NEAR(world.receiver.CurrentPose().curves[0], std::fmod(10.502 * 60, 256) / 255, 1e-5);
}

void SpeechThatNobodyCouldHearIsNotKept() {
    World world;
    world.Give(messages::Audio(kSoon, Ramp(0, 2400)));
    world.Pass(3);
    world.audioFromS = world.nowS;
    world.Pass(0.5);
    CHECK(world.speaker.empty());
}

void SpeechIsLaidEndToEndWhateverThePieces() {
    World world;
    world.audioFromS = world.nowS;
    world.Pass(0.5);
    int at = 0;
    for (const int count : {400, 1, 1999, 800, 4000}) {
        world.Give(messages::Audio(kSoon + at, Ramp(at, count)));
        at += count;
    }
    CheckHeardWhole(world, at);
}

void SpeechIsShownAsItIsHeard() {
    for (const double rate : {1.0, 1.002, 0.998}) {
        World world;
        world.audioFromS = world.nowS - 3.21;
        world.audioRate = rate;
        world.Pass(0.5);
        world.Give(messages::Audio(kSoon, Ramp(0, 24000 * 4)));
        CHECK(CheckTogether(world.Pass(5)) > 230);
    }
}

void LateSpeechIsPlayedWholeAndTheFaceWaits() {
    World world;
    world.audioFromS = world.nowS;
    world.Pass(1);
    world.Give(messages::Audio(630 * 400, Ramp(0, 12000)));
    const std::vector<World::Seen> seen = world.Pass(1.5);
    CheckHeardWhole(world, 12000);
    CHECK(CheckTogether(seen) > 25);
    CHECK(world.receiver.Counts().late == 1);
}

void SpeechThatBreaksOffGoesOnWhereItStopped() {
    World world;
    world.audioFromS = world.nowS;
    world.Pass(0.5);
    world.Give(messages::Audio(kSoon, Ramp(0, 4800)));
    world.Pass(1);
    world.Give(messages::Audio(kSoon + 4800, Ramp(4800, 4800)));
    CheckTogether(world.Pass(1));
    CHECK(world.speaker.size() == 9600);
}

void SpeechThatWasOvertakenGoesWhereItBelongs() {
    World world;
    world.audioFromS = world.nowS;
    world.Pass(0.5);
    world.Give(messages::Audio(kSoon, Ramp(0, 4800)));
    world.Give(messages::Audio(kSoon + 9600, Ramp(9600, 4800)));
    world.Give(messages::Audio(kSoon + 4800, Ramp(4800, 4800)));
    world.Give(messages::Audio(kSoon + 4800, Ramp(4800, 4800)));
    CheckHeardWhole(world, 14400);
    CHECK(CheckTogether(world.Pass(1)) > 30);
}

void SoundThatStopsIsNotGoneOnWithLater() {
    World world;
    world.audioFromS = world.nowS;
    world.Pass(0.5);
    world.Give(messages::Audio(kSoon, Ramp(0, 48000)));
    world.Pass(0.8);
    const double from = *world.audioFromS;
    const int silences = world.silences;
    world.audioFromS.reset();
    world.Pass(3);
    CHECK(world.silences == silences + 1 && world.receiver.Placed().EndSample() == -1);
    world.audioFromS = from + 3;
    world.speaker.clear();
    world.Pass(0.3);
    const std::int64_t next = static_cast<std::int64_t>(world.DueS() * 60 + 20) * 400;
    world.Give(messages::Audio(next, Ramp(0, 12000)));
    CHECK(CheckTogether(world.Pass(1)) > 20);
}

void SpeechBegunBeforeAudioIsTakenUpInItsMiddle() {
    World world;
    world.Pass(0.3);
    world.Give(messages::Audio(610 * 400, Ramp(0, 24000)));
    world.Pass(0.4);
    world.audioFromS = world.nowS - 0.2;
    CHECK(CheckTogether(world.Pass(0.5)) > 10);
    CHECK(!world.speaker.empty() && world.speaker.size() < 24000 * 7 / 10);
}

void SpeechFarAheadIsNoSpeech() {
    World world;
    world.audioFromS = world.nowS;
    world.Pass(0.5);
    world.Give(messages::Audio(std::int64_t{1} << 50, Ramp(0, 400)));
    CHECK(world.receiver.Counts().malformed == 1 && world.speaker.empty());
    world.Give(messages::Audio(kSoon, Ramp(0, 400)));
    CheckHeardWhole(world, 400);
}

void ANewEpochSilencesKeepsThePictureAndDropsTheOld() {
    World world;
    world.audioFromS = world.nowS;
    world.Pass(0.5);
    world.Give(messages::Audio(kSoon, Ramp(0, 24000)));
    const double shownS = world.Pass(0.6).back().shownS;
    const float before = world.receiver.CurrentPose().curves[0];
    const int silences = world.silences;
    world.Stop();
    CHECK(world.silences == silences + 1 && world.receiver.Placed().EndSample() == -1);
    CHECK(world.Show().shownS == shownS && world.receiver.CurrentPose().curves[0] == before);
    const std::int64_t stale = world.receiver.Counts().stale;
    world.Give(messages::Audio(700 * 400, Ramp(0, 400), 0));
    world.Give(messages::Frames(640, 3, 0));
    CHECK(world.receiver.Counts().stale == stale + 2);
    CHECK_NEAR(world.Pass(0.5).back().shownS, shownS + 0.5, 0.05);
}

void ANewEpochDoesNotRestartTheTimeline() {
    World world;
    world.Pass(1);
    world.Stop();
    CHECK_NEAR(world.Pass(0.2).back().shownS, 11.1, 1e-6);
}

void WhatWasHeardIsReportedAsItGoesAndAtTheEnd() {
    World world;
    world.audioFromS = world.nowS;
    world.Pass(0.5);
    world.Give(messages::Audio(kSoon, Ramp(0, 12000)));
    world.Pass(2);
    CHECK(world.played.size() > 4);
    for (std::size_t i = 1; i < world.played.size(); ++i) CHECK(world.played[i].sample > world.played[i - 1].sample);
    CHECK(world.played.back().sample == kSoon + 12000);
}

void WhatWasHeardIsReportedForTheOldEpochWhenAStopCutsIt() {
    World world;
    world.audioFromS = world.nowS;
    world.Pass(0.5);
    world.Give(messages::Audio(kSoon, Ramp(0, 24000)));
    world.Pass(0.77);
    const double heardS = world.Show().heardS;
    world.Stop();
    CHECK(world.played.back().epoch == 0);
    CHECK_NEAR(static_cast<double>(world.played.back().sample), heardS * 24000, 1);
}

void ABridgeWhoseClockIsOffIsFollowedForSixHours() {
    World world;
    world.bridgeRate = 1.0001;
    world.Pass(6 * 3600, 10);
    CHECK_NEAR(world.receiver.ShownTimeS(), world.DueS() - 0.1, 0.05);
    CHECK(world.receiver.Counts().underruns == 0);
}

void ATunedRigsLayoutDoesNotInterrupt() {
    World world;
    world.Pass(0.5);
    world.Give(messages::Layout(630));
    CHECK_NEAR(world.Pass(0.2).back().shownS, 10.6, 1e-6);
    CHECK(world.receiver.Counts().underruns == 0 && world.layouts == 2);
}

void ADelayThatALateUtteranceForcedIsGivenBack() {
    World world;
    world.audioFromS = world.nowS;
    world.Pass(1);
    world.Give(messages::Audio(kSoon, Ramp(0, 4800)));
    world.Pass(0.5);
    CHECK(world.DueS() - 0.1 - world.Show().shownS > 0.2);
    world.Pass(120);
    CHECK_NEAR(world.DueS() - 0.1, world.Show().shownS, 0.03);
}

void AnEngineThatSleptShowsThePresent() {
    World world;
    world.Pass(1);
    for (int k = 0; k < 400; ++k) {
        world.nowS += 0.05;
        world.Stream();
    }
    CHECK_NEAR(world.Show().shownS, world.DueS() - 0.1, 1e-6);
}

void ForOneIndexTheLastFrameReceivedWins() {
    World world;
    messages::Bytes again = messages::Frames(606, 1);
    again[24] = 200;
    world.Give(again);
    world.nowS += 0.2;
    world.Show();
    CHECK_NEAR(world.receiver.ShownTimeS(), 606 / 60.0, 1e-9);
    CHECK_NEAR(world.receiver.CurrentPose().curves[0], 200 / 255.0, 1e-6);
}

void AFrameThatNeverCameIsBridged() {
    World world;
    world.receiver.Connected();
    world.Give(messages::Layout(600));
    world.Give(messages::Frames(594, 1));
    world.Give(messages::Frames(596, 1));
    world.nowS += 1 / 60.0;
    CHECK_NEAR(world.Show().shownS, 595 / 60.0, 1e-9);
    CHECK_NEAR(world.receiver.CurrentPose().curves[0], (595 % 256) / 255.0, 1e-6);
    CHECK(world.receiver.Counts().underruns == 0);
}

void MessagesThatBreakTheFormatAreCountedAndChangeNothing() {
    World world;
    const messages::Bytes good = messages::Frames(650, 3);
    for (std::size_t cut = 0; cut < good.size(); ++cut) {
        world.Give(messages::Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(cut)));
    }
    CHECK(world.receiver.Counts().malformed == static_cast<std::int64_t>(good.size()));
    world.Pass(0.5);
    CHECK(world.receiver.Counts().underruns == 0);
}

void ANewConnectionForgetsAllButThePicture() {
    World world;
    world.Pass(0.5);
    world.receiver.Connected();
    const float before = world.receiver.CurrentPose().curves[0];
    world.Show();
    CHECK(world.receiver.CurrentPose().curves[0] == before);
    world.Give(messages::Layout(90));
    world.Give(messages::Frames(80, 16));
    world.nowS += 0.1;
    CHECK_NEAR(world.Show().shownS, 1.5, 1e-6);
}

}  // namespace

int main() {
    BeforeAudioFrameKIsShownAtArrivalPlusBuffer();
    SpeechThatNobodyCouldHearIsNotKept();
    SpeechIsLaidEndToEndWhateverThePieces();
    SpeechIsShownAsItIsHeard();
    LateSpeechIsPlayedWholeAndTheFaceWaits();
    SpeechThatBreaksOffGoesOnWhereItStopped();
    SpeechThatWasOvertakenGoesWhereItBelongs();
    SoundThatStopsIsNotGoneOnWithLater();
    SpeechBegunBeforeAudioIsTakenUpInItsMiddle();
    SpeechFarAheadIsNoSpeech();
    ANewEpochSilencesKeepsThePictureAndDropsTheOld();
    ANewEpochDoesNotRestartTheTimeline();
    WhatWasHeardIsReportedAsItGoesAndAtTheEnd();
    WhatWasHeardIsReportedForTheOldEpochWhenAStopCutsIt();
    ABridgeWhoseClockIsOffIsFollowedForSixHours();
    ATunedRigsLayoutDoesNotInterrupt();
    ADelayThatALateUtteranceForcedIsGivenBack();
    AnEngineThatSleptShowsThePresent();
    ForOneIndexTheLastFrameReceivedWins();
    AFrameThatNeverCameIsBridged();
    MessagesThatBreakTheFormatAreCountedAndChangeNothing();
    ANewConnectionForgetsAllButThePicture();
}
