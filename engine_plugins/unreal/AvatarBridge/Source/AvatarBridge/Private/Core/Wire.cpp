#include "Wire.h"

#include <algorithm>
#include <cmath>

namespace avatarbridge {
namespace {

constexpr std::size_t kHeaderBytes = 8;
constexpr std::size_t kAudioStart = kHeaderBytes + 8;
constexpr std::size_t kFramesStart = kHeaderBytes + 16;
constexpr int kVersion = 1;
constexpr int kMaxFrames = 16;
/// Far beyond every rig; it bounds what a broken layout makes us set aside.
constexpr std::size_t kMaxNames = 1024;
constexpr std::uint64_t kLargestStart = std::uint64_t{1} << 53;

std::uint32_t ReadU32(const std::uint8_t* at) {
    return at[0] | static_cast<std::uint32_t>(at[1]) << 8 | static_cast<std::uint32_t>(at[2]) << 16 |
           static_cast<std::uint32_t>(at[3]) << 24;
}

std::uint64_t ReadU64(const std::uint8_t* at) {
    return ReadU32(at) | static_cast<std::uint64_t>(ReadU32(at + 4)) << 32;
}

std::int16_t ReadI16(const std::uint8_t* at) {
    return static_cast<std::int16_t>(static_cast<std::uint16_t>(at[0] | at[1] << 8));
}

bool ReadNames(const Json* array, std::vector<std::string>& names) {
    if (array == nullptr || array->kind != Json::Kind::Array || array->items.size() > kMaxNames) return false;
    for (const Json& item : array->items) {
        if (!item.IsText()) return false;
        names.push_back(item.text);
    }
    return true;
}

const char* DecodeLayout(const Json& fields, Layout& out) {
    const Json* subject = fields.Find("subject");
    const Json* primary = fields.Find("primary");
    const Json* range = fields.Find("curve_range");
    const double dueIndex = fields.Number("due_index", NAN);
    if (subject == nullptr || !subject->IsText() || primary == nullptr || primary->kind != Json::Kind::Bool ||
        !(std::fabs(dueIndex) < 1e15) || !ReadNames(fields.Find("curves"), out.curves) ||
        !ReadNames(fields.Find("bones"), out.bones)) {
        return "the layout is not whole";
    }
    if (range == nullptr || range->items.size() != 2 || !range->items[0].IsNumber() || !range->items[1].IsNumber() ||
        !(range->items[0].number < range->items[1].number)) {
        return "the layout's range of curves is empty";
    }
    if (fields.Number("curve_steps") != kCurveSteps || fields.Number("bone_steps") != kBoneSteps) {
        return "the layout has a precision that this reader does not know";
    }
    // A bridge that does not say the axes has them as VRM 1 does.
    if (const Json* axes = fields.Find("axes")) {
        if (!axes->IsText()) return "the layout's axes are no name";
        out.axes = axes->text;
    }
    out.subject = subject->text;
    out.isPrimary = primary->isTrue;
    out.dueIndex = static_cast<std::int64_t>(dueIndex);
    out.curveMin = range->items[0].number;
    out.curveMax = range->items[1].number;
    return nullptr;
}

const char* DecodeObject(const std::uint8_t* data, std::size_t length, Json& fields) {
    const bool isJson = ParseJson(reinterpret_cast<const char*>(data) + kHeaderBytes, length - kHeaderBytes, fields);
    return isJson && fields.IsObject() ? nullptr : "the message is not a JSON object in UTF-8";
}

const char* DecodeEvent(Message& out) {
    const Json* name = out.event.fields.Find("name");
    if (name == nullptr || !name->IsText()) return "an event without a name";
    out.event.name = name->text;
    return nullptr;
}

const char* DecodeAudio(const std::uint8_t* data, std::size_t length, Message& out) {
    if (length < kAudioStart || (length - kAudioStart) % 2 != 0) return "the audio message is cut short";
    if (length > (std::size_t{1} << 28)) return "the audio message is too long";
    const std::uint64_t start = ReadU64(data + kHeaderBytes);
    if (start > kLargestStart) return "the audio lies outside of every timeline";
    out.start = static_cast<std::int64_t>(start);
    out.count = static_cast<int>((length - kAudioStart) / 2);
    out.body = data + kAudioStart;
    return nullptr;
}

const char* DecodeFrames(const std::uint8_t* data, std::size_t length, const Layout* layout, Message& out) {
    if (layout == nullptr) return "frames came before the layout that explains them";
    if (length < kFramesStart) return "the message of frames is cut short";
    const std::uint64_t index = ReadU32(data + kHeaderBytes);
    const int count = data[kHeaderBytes + 4];
    const std::size_t rows = static_cast<std::size_t>(count) * layout->FrameBytes();
    if (count < 1 || count > kMaxFrames || length != kFramesStart + rows) return "the frames do not fit their message";
    if (ReadU64(data + kHeaderBytes + 8) != index * 1000000000u / kFps) return "a frame carries a time off the grid";
    out.start = static_cast<std::int64_t>(index);
    out.count = count;
    out.body = data + kFramesStart;
    return nullptr;
}

}  // namespace

bool Layout::IsSameForm(const Layout& other) const {
    return curveMin == other.curveMin && curveMax == other.curveMax && curves == other.curves && bones == other.bones &&
           axes == other.axes;
}

const char* Decode(const std::uint8_t* data, std::size_t length, const Layout* layout, Message& out) {
    if (length < kHeaderBytes) return "a message has at least 8 bytes";
    if (data[0] != 'A' || data[1] != 'B') return "a message begins with AB";
    if (data[2] != kVersion) return "this reads version 1 of the stream";
    out.epoch = ReadU32(data + 4);
    const char* error = nullptr;
    Json fields;
    switch (data[3]) {
        case 1:
            out.type = MessageType::Layout;
            error = DecodeObject(data, length, fields);
            return error != nullptr ? error : DecodeLayout(fields, out.layout);
        case 2:
            out.type = MessageType::Audio;
            return DecodeAudio(data, length, out);
        case 3:
            out.type = MessageType::Frames;
            return DecodeFrames(data, length, layout, out);
        case 4:
            out.type = MessageType::Event;
            error = DecodeObject(data, length, out.event.fields);
            return error != nullptr ? error : DecodeEvent(out);
        default:
            out.type = MessageType::Unknown;
            return nullptr;
    }
}

std::vector<SpokenWord> WordsOf(const Event& caption) {
    std::vector<SpokenWord> words;
    const Json* rows = caption.fields.Find("words");
    if (rows == nullptr || rows->kind != Json::Kind::Array) return words;
    for (const Json& row : rows->items) {
        if (row.kind != Json::Kind::Array || row.items.size() < 3) continue;
        const Json &start = row.items[0], &end = row.items[1], &text = row.items[2];
        if (!start.IsNumber() || !end.IsNumber() || !text.IsText()) continue;
        words.push_back({static_cast<std::int64_t>(start.number), static_cast<std::int64_t>(end.number), text.text});
    }
    return words;
}

void ReadFrame(const Message& message, int i, const Layout& layout, Pose& pose) {
    const std::uint8_t* at = message.body + static_cast<std::size_t>(i) * layout.FrameBytes();
    const double span = (layout.curveMax - layout.curveMin) / kCurveSteps;
    for (float& curve : pose.curves) curve = static_cast<float>(layout.curveMin + *at++ * span);
    for (Rotation& bone : pose.bones) {
        const double x = ReadI16(at) / static_cast<double>(kBoneSteps);
        const double y = ReadI16(at + 2) / static_cast<double>(kBoneSteps);
        const double z = ReadI16(at + 4) / static_cast<double>(kBoneSteps);
        bone = Normalised(x, y, z, std::sqrt(std::max(0.0, 1 - x * x - y * y - z * z)));
        at += kBoneBytes;
    }
}

std::int16_t ReadSample(const Message& message, int i) {
    return ReadI16(message.body + 2 * static_cast<std::size_t>(i));
}

std::string EncodePlayed(std::uint32_t epoch, std::int64_t sample) {
    return "{\"type\":\"played\",\"epoch\":" + std::to_string(epoch) + ",\"sample\":" + std::to_string(sample) + "}";
}

}  // namespace avatarbridge
