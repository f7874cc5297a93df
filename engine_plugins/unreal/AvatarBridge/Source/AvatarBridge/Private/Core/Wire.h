#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "Json.h"
#include "Pose.h"

/// The bridge's stream: reading its binary messages and writing what a client says. The byte layout is
/// engine_plugins/PROTOCOL.md; tests/vectors/stream.json holds golden bytes that every reader replays.
namespace avatarbridge {

constexpr int kSampleRateHz = 24000;
constexpr int kFps = 60;
constexpr int kSamplesPerFrame = kSampleRateHz / kFps;
constexpr int kCurveSteps = 255;
constexpr int kBoneSteps = 32767;
constexpr int kBoneBytes = 6;

/// What the numbers of the frames mean. Sent first and whenever it changes.
struct Layout {
    std::string subject;
    std::int64_t dueIndex = 0;  ///< The frame due at the bridge as the layout was sent.
    bool isPrimary = false;
    std::vector<std::string> curves;
    std::vector<std::string> bones;
    double curveMin = 0;
    double curveMax = 1;
    std::string axes = "vrm1";  ///< What the rotations of bones are written in: `vrm1`, `vrm0`, `unity`, `unreal`, or of later times.

    std::size_t FrameBytes() const { return curves.size() + kBoneBytes * bones.size(); }
    /// Whether frames made for one can be read with the other.
    bool IsSameForm(const Layout& other) const;
};

/// Something happened: `speaking`, `caption`, `stopped`, `emotion`, `state`, `primary`.
struct Event {
    std::string name;
    Json fields;
};

/// A piece of a caption, mostly a word, and the stretch of the timeline it is heard in.
struct SpokenWord {
    std::int64_t startSample = 0;
    std::int64_t endSample = 0;
    std::string text;  ///< UTF-8.
};

/// The words of a caption in order, which put together are its text; none where the voice does not tell.
std::vector<SpokenWord> WordsOf(const Event& caption);

enum class MessageType { Unknown, Layout, Audio, Frames, Event };

/// A message read. Audio and frames stay in the bytes they came in: valid until those are used again.
struct Message {
    MessageType type = MessageType::Unknown;
    std::uint32_t epoch = 0;
    Layout layout;
    Event event;
    const std::uint8_t* body = nullptr;  ///< The samples, or the first frame.
    int count = 0;                       ///< Of audio: samples. Of frames: 1 to 16 consecutive ones.
    std::int64_t start = 0;              ///< Where the first sample stands on the timeline, or the index of the first frame.
};

/// Read a message into `out`; frames need the layout heard before. Returns null, or for bytes that break the format what is
/// wrong with them. A type that this version does not know is `Unknown`: skip it. Only layouts and events allocate.
const char* Decode(const std::uint8_t* data, std::size_t length, const Layout* layout, Message& out);

/// Unpack frame `i` of a message: curves in the layout's range, rotations as unit quaternions. The sign of a rotation is
/// free, so the wire leaves w out and means w >= 0.
void ReadFrame(const Message& message, int i, const Layout& layout, Pose& pose);

/// Sample `i` of a message of audio.
std::int16_t ReadSample(const Message& message, int i);

/// What a client that plays says of its listener: all samples before `sample` have been heard.
std::string EncodePlayed(std::uint32_t epoch, std::int64_t sample);

}  // namespace avatarbridge
