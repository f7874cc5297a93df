// Bytes of any length and content: counted, never fatal. Built with the address and undefined-behaviour sanitizers.

#include <algorithm>
#include <random>

#include "Control.h"
#include "World.h"

using namespace avatarbridge;

namespace {

constexpr int kRounds = 60000;

messages::Bytes Random(std::mt19937& random) {
    messages::Bytes bytes(random() % 300);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
    // Most that begin otherwise are refused at once.
    const messages::Bytes head = {'A', 'B', 1, static_cast<std::uint8_t>(1 + random() % 5), 0, 0, 0, 0};
    if (random() % 4 != 0) std::copy_n(head.begin(), std::min(head.size(), bytes.size()), bytes.begin());
    return bytes;
}

messages::Bytes Mutated(messages::Bytes bytes, std::mt19937& random) {
    for (std::uint32_t k = 1 + random() % 4; k > 0 && !bytes.empty(); --k) {
        const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(random() % bytes.size());
        switch (random() % 4) {
            case 0: bytes[static_cast<std::size_t>(at)] = static_cast<std::uint8_t>(random()); break;
            case 1: bytes[static_cast<std::size_t>(at)] ^= static_cast<std::uint8_t>(1u << random() % 8); break;
            case 2: bytes.erase(bytes.begin() + at, bytes.begin() + at + 1); break;
            default: bytes.insert(bytes.begin() + at, static_cast<std::uint8_t>(random()));
        }
    }
    return bytes;
}

std::vector<messages::Bytes> Seeds() {
    const Json vectors = messages::Vectors();
    std::vector<messages::Bytes> seeds = {messages::Layout(600), messages::Frames(640, 3), messages::Audio(640 * 400, {1, 2, 3})};
    for (const char* kind : {"good", "bad"}) {
        for (const Json& vector : vectors.Find(kind)->items) seeds.push_back(messages::FromHex(vector.Text("hex")));
    }
    return seeds;
}

/// Sound is taken as it comes: a hostile bridge may place it twice.
class AnyWorld final : public World {
    void Play(std::int64_t, const std::uint8_t*, int) override {}
};

void TheReceiverTakesAnything() {
    std::mt19937 random(11);
    const std::vector<messages::Bytes> seeds = Seeds();
    AnyWorld world;
    world.audioFromS = world.nowS;
    world.Pass(0.5);
    for (int k = 0; k < kRounds; ++k) {
        world.Give(k % 2 == 0 ? Random(random) : Mutated(seeds[random() % seeds.size()], random));
        if (k % 50 == 0) {
            world.nowS += 1 / 60.0;
            world.Show();
            world.receiver.Report(world.Now());
        }
        for (const float curve : world.receiver.CurrentPose().curves) CHECK(std::isfinite(curve));
    }
    CHECK(world.receiver.Counts().malformed > kRounds / 4 && world.receiver.LastFault() != nullptr);
    // It is still a receiver: a new connection begins anew.
    world.receiver.Connected();
    world.Give(messages::Layout(600));
    world.Give(messages::Frames(590, 16));
    world.Show();
    CHECK_NEAR(world.receiver.ShownTimeS(), 594 / 60.0, 1e-6);
}

void TheDeskTakesAnything() {
    std::mt19937 random(12);
    const std::string seed = "{\"type\":\"state\",\"schema\":[{\"path\":\"a.*\",\"choices\":[\"\\u00e4\"]}],\"values\":{\"a.b\":-1.5e3}}";
    Desk desk;
    for (int k = 0; k < kRounds; ++k) {
        const messages::Bytes bytes = Mutated(messages::Bytes(seed.begin(), seed.end()), random);
        desk.Receive(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        desk.Find("a.b");
    }
    CHECK(desk.Receive(seed.data(), seed.size()) && desk.Values().size() == 1);
}

}  // namespace

int main() {
    TheReceiverTakesAnything();
    TheDeskTakesAnything();
}
