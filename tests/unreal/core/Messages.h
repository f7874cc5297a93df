#pragma once

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "Wire.h"

/// Bytes as the bridge sends them.
namespace messages {

using Bytes = std::vector<std::uint8_t>;

inline void Append(Bytes& out, std::uint64_t value, int count) {
    for (int i = 0; i < count; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

inline Bytes Header(int type, std::uint32_t epoch) {
    Bytes out = {'A', 'B', 1, static_cast<std::uint8_t>(type)};
    Append(out, epoch, 4);
    return out;
}

inline Bytes Text(int type, std::uint32_t epoch, const std::string& text) {
    Bytes out = Header(type, epoch);
    out.insert(out.end(), text.begin(), text.end());
    return out;
}

/// A small layout for tests: one curve, one bone.
inline Bytes Layout(std::int64_t dueIndex, std::uint32_t epoch = 0) {
    return Text(1, epoch,
                "{\"subject\":\"avatar\",\"fps\":[60,1],\"due_index\":" + std::to_string(dueIndex) +
                    ",\"primary\":true,\"curves\":[\"jawOpen\"],\"bones\":[\"head\"],\"curve_range\":[0.0,1.0],"
                    "\"curve_steps\":255,\"bone_steps\":32767,\"sample_rate_hz\":24000}");
}

inline Bytes Audio(std::int64_t startSample, const std::vector<std::int16_t>& pcm16, std::uint32_t epoch = 0) {
    Bytes out = Header(2, epoch);
    Append(out, static_cast<std::uint64_t>(startSample), 8);
    for (const std::int16_t sample : pcm16) Append(out, static_cast<std::uint16_t>(sample), 2);
    return out;
}

/// Frames from `firstIndex` on, whose curve counts the index and whose bone rests.
inline Bytes Frames(std::int64_t firstIndex, int count, std::uint32_t epoch = 0) {
    Bytes out = Header(3, epoch);
    const std::uint64_t index = static_cast<std::uint64_t>(firstIndex);
    Append(out, index, 4);
    Append(out, static_cast<std::uint64_t>(count), 4);
    Append(out, index * 1000000000u / 60, 8);
    for (int i = 0; i < count; ++i) {
        out.push_back(static_cast<std::uint8_t>(index + static_cast<std::uint64_t>(i)));
        Append(out, 0, 6);
    }
    return out;
}

inline Bytes FromHex(const std::string& hex) {
    Bytes out;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        out.push_back(static_cast<std::uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
    }
    return out;
}

/// The golden bytes that every reader replays: tests/vectors/, of the stream where no other protocol is named.
inline avatarbridge::Json Vectors(const std::string& protocol = "stream") {
    std::ifstream file(VECTORS "/" + protocol + ".json");
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    avatarbridge::Json vectors;
    avatarbridge::ParseJson(text.data(), text.size(), vectors);
    return vectors;
}

}  // namespace messages
