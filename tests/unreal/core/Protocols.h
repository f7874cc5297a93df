#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <optional>
#include <sstream>

#include "Messages.h"

/// Second readers of the protocols that are not ours, written from their documents and not from the bridge's encoders. They
/// exist to be held against tests/vectors/; the plugin itself reads the bridge's stream only. What is no packet is nothing.
namespace protocols {

using avatarbridge::Json;
using messages::Bytes;

inline Json Number(double value) {
    Json json;
    json.kind = Json::Kind::Number;
    json.number = value;
    return json;
}

inline Json Text(const std::string& value) {
    Json json;
    json.kind = Json::Kind::Text;
    json.text = value;
    return json;
}

inline Json Bool(bool value) {
    Json json;
    json.kind = Json::Kind::Bool;
    json.isTrue = value;
    return json;
}

inline Json List(std::vector<Json> items) {
    Json json;
    json.kind = Json::Kind::Array;
    json.items = std::move(items);
    return json;
}

inline Json Object(const std::vector<std::pair<std::string, Json>>& fields) {
    Json json;
    json.kind = Json::Kind::Object;
    for (const auto& [key, value] : fields) {
        json.keys.push_back(key);
        json.items.push_back(value);
    }
    return json;
}

/// Reads big-endian; after a step past the end all is zero and `isWhole` false.
struct Reader {
    const Bytes& data;
    std::size_t at = 0;
    bool isWhole = true;

    std::size_t Left() const { return data.size() - at; }

    const std::uint8_t* Take(std::size_t count) {
        if (count > Left()) isWhole = false;
        if (!isWhole) return nullptr;
        at += count;
        return data.data() + at - count;
    }
    std::uint32_t U32() {
        const std::uint8_t* p = Take(4);
        return p == nullptr ? 0 : std::uint32_t{p[0]} << 24 | std::uint32_t{p[1]} << 16 | std::uint32_t{p[2]} << 8 | p[3];
    }
    std::int32_t I32() { return static_cast<std::int32_t>(U32()); }
    std::uint8_t U8() {
        const std::uint8_t* p = Take(1);
        return p == nullptr ? 0 : *p;
    }
    double F32() {
        const std::uint32_t bits = U32();
        float value;
        std::memcpy(&value, &bits, 4);
        if (!std::isfinite(value)) isWhole = false;
        return isWhole ? static_cast<double>(value) : 0;
    }
    std::string String(std::size_t length) {
        const std::uint8_t* p = Take(length);
        return p == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(p), length);
    }
    /// A text of OSC: it ends with 1 to 4 zeros, at a multiple of four.
    std::string Padded() {
        const auto from = data.begin() + static_cast<std::ptrdiff_t>(at);
        const auto end = std::find(from, data.end(), std::uint8_t{0});
        if (end == data.end()) isWhole = false;
        if (!isWhole) return {};
        const std::size_t length = static_cast<std::size_t>(end - from);
        std::string text = String(length);
        Take(4 - length % 4);
        return text;
    }
};

/// Live Link Face, version 6: two names behind their lengths, the frame's time, 61 floats.
inline std::optional<Json> LiveLink(const Bytes& data) {
    Reader in{data};
    if (in.U8() != 6) return {};
    const std::string device = in.String(in.U32());
    const std::string subject = in.String(in.U32());
    const std::int32_t frame = in.I32();
    const double subFrame = in.F32();
    const std::int32_t num = in.I32(), den = in.I32();
    if (num <= 0 || den <= 0 || in.U8() != 61) return {};
    std::vector<Json> values;
    for (int i = 0; i < 61; ++i) values.push_back(Number(in.F32()));
    if (!in.isWhole || in.Left() != 0) return {};
    return Object({{"device_id", Text(device)}, {"subject", Text(subject)}, {"frame", Number(frame)},
                   {"sub_frame", Number(subFrame)}, {"fps_num", Number(num)}, {"fps_den", Number(den)},
                   {"values", List(values)}});
}

inline std::vector<std::string> Split(const std::string& text, char at) {
    std::vector<std::string> parts(1);
    for (const char c : text) {
        if (c == at) parts.emplace_back();
        else parts.back().push_back(c);
    }
    return parts;
}

inline bool ToNumber(const std::string& text, double& value) {
    std::istringstream in(text);
    in.imbue(std::locale::classic());
    return static_cast<bool>(in >> value) && in.eof() && std::isfinite(value);
}

/// iFacialMocap: `name-percent|...=head#rx,ry,rz,px,py,pz|rightEye#x,y,z|leftEye#x,y,z|`.
inline std::optional<Json> FacialMocap(const Bytes& data, const std::vector<Json>& names) {
    const std::vector<std::string> halves = Split(std::string(data.begin(), data.end()), '=');
    if (halves.size() != 2) return {};
    std::map<std::string, double> face;
    for (const std::string& item : Split(halves[0], '|')) {
        const std::size_t cut = item.rfind('-');
        if (item.empty()) continue;
        double percent = 0;
        if (cut == std::string::npos || !ToNumber(item.substr(cut + 1), percent)) return {};
        face[item.substr(0, cut)] = percent / 100;
    }
    std::map<std::string, std::vector<Json>> turns;
    for (const std::string& item : Split(halves[1], '|')) {
        const std::vector<std::string> part = Split(item, '#');
        if (part.size() != 2) continue;
        std::vector<Json>& numbers = turns[part[0]];
        numbers.clear();
        for (const std::string& text : Split(part[1], ',')) {
            double value = 0;
            if (!ToNumber(text, value)) return {};
            numbers.push_back(Number(value));
        }
    }
    const std::vector<Json>&head = turns["head"], &right = turns["rightEye"], &left = turns["leftEye"];
    if (head.size() != 6 || right.size() != 3 || left.size() != 3) return {};
    std::vector<Json> shapes;
    for (const Json& name : names) shapes.push_back(Number(face.count(name.text) != 0 ? face[name.text] : 0));
    return Object({{"face", List(shapes)}, {"head_deg", List({head.begin(), head.begin() + 3})},
                   {"place_m", List({head.begin() + 3, head.end()})}, {"right_eye_deg", List(right)},
                   {"left_eye_deg", List(left)}});
}

/// A message of OSC 1.0.
struct Osc {
    std::string address;
    std::string tags;
    std::vector<Json> values;

    bool Begins(const char* wanted) const { return tags.rfind(wanted, 0) == 0; }
};

/// The messages of a packet, those of a bundle in a row (opensoundcontrol.stanford.edu/spec-1_0.html). False: it is none.
inline bool ReadOsc(const Bytes& data, std::vector<Osc>& out, int depth = 0) {
    if (data.empty() || data.size() % 4 != 0 || depth > 8) return false;
    Reader in{data};
    Osc message;
    message.address = in.Padded();
    if (message.address == "#bundle") {
        in.Take(8);
        while (in.isWhole && in.Left() > 0) {
            const std::size_t size = in.U32();
            const std::uint8_t* part = in.Take(size);
            if (part == nullptr || !ReadOsc(Bytes(part, part + size), out, depth + 1)) return false;
        }
        return in.isWhole;
    }
    message.tags = in.Padded();
    if (!in.isWhole || message.address[0] != '/' || message.tags[0] != ',') return false;
    message.tags.erase(0, 1);
    for (const char tag : message.tags) {
        switch (tag) {
            case 'i': message.values.push_back(Number(in.I32())); break;
            case 'f': message.values.push_back(Number(in.F32())); break;
            case 's': message.values.push_back(Text(in.Padded())); break;
            case 'T': case 'F': message.values.push_back(Bool(tag == 'T')); break;
            default: return false;
        }
    }
    if (in.isWhole) out.push_back(message);
    return in.isWhole;
}

/// What a VMC datagram means (protocol.vmc.info). Unknown messages, and those whose arguments do not fit, are skipped.
inline std::optional<Json> Vmc(const Bytes& data) {
    std::vector<Osc> packet;
    if (!ReadOsc(data, packet)) return {};
    std::vector<Json> items;
    for (const Osc& m : packet) {
        const std::vector<Json>& v = m.values;
        const bool isRoot = m.address == "/VMC/Ext/Root/Pos";
        if (m.address == "/VMC/Ext/OK" && m.Begins("i")) {
            items.push_back(Object({{"type", Text("Available")}, {"loaded", Bool(v[0].number != 0)}}));
        } else if (m.address == "/VMC/Ext/T" && m.Begins("f")) {
            items.push_back(Object({{"type", Text("Time")}, {"seconds", v[0]}}));
        } else if (m.address == "/VMC/Ext/Blend/Val" && m.Begins("sf")) {
            items.push_back(Object({{"type", Text("Blend")}, {"name", v[0]}, {"value", v[1]}}));
        } else if (m.address == "/VMC/Ext/Blend/Apply") {
            items.push_back(Object({{"type", Text("Apply")}}));
        } else if ((isRoot || m.address == "/VMC/Ext/Bone/Pos") && m.Begins("sfffffff")) {
            items.push_back(Object({{"type", Text("Pose")}, {"name", v[0]}, {"place_m", List({v[1], v[2], v[3]})},
                                    {"xyzw", List({v[4], v[5], v[6], v[7]})}, {"is_root", Bool(isRoot)}}));
        }
    }
    return List(items);
}

/// What a message to VRChat means (docs.vrchat.com/docs/osc-avatar-parameters, osc-eye-tracking).
inline std::optional<Json> VrChat(const Bytes& data) {
    const std::string parameters = "/avatar/parameters/";
    std::vector<Osc> packet;
    if (!ReadOsc(data, packet) || packet.size() != 1 || packet[0].values.empty()) return {};
    const Osc& m = packet[0];
    const std::vector<Json>& v = m.values;
    if (m.address.rfind(parameters, 0) == 0) {
        return Object({{"type", Text("Parameter")}, {"name", Text(m.address.substr(parameters.size()))}, {"value", v[0]}});
    }
    if (m.address == "/avatar/change") return Object({{"type", Text("AvatarChange")}, {"avatar", v[0]}});
    if (m.address == "/tracking/eye/EyesClosedAmount") return Object({{"type", Text("EyesClosed")}, {"amount", v[0]}});
    if (!m.Begins("ffff")) return {};
    return Object({{"type", Text("Eyes")}, {"left_pitch_deg", v[0]}, {"left_yaw_deg", v[1]}, {"right_pitch_deg", v[2]},
                   {"right_yaw_deg", v[3]}});
}

/// VTube Studio's envelope.
inline std::optional<Json> VTubeStudio(const std::string& text) {
    Json fields;
    if (!avatarbridge::ParseJson(text.data(), text.size(), fields) || fields.Text("apiName") != "VTubeStudioPublicAPI") return {};
    const Json* data = fields.Find("data");
    return Object({{"kind", Text(fields.Text("messageType"))}, {"request_id", Text(fields.Text("requestID"))},
                   {"data", data == nullptr ? Object({}) : *data}});
}

}  // namespace protocols
