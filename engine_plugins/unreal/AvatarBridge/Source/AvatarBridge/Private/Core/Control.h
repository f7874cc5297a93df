#pragma once

#include <map>
#include <string>
#include <vector>

#include "Json.h"

/// What goes over `/ws/control`, JSON text both ways: engine_plugins/PROTOCOL.md and `bridge/wire/control.py`.
namespace avatarbridge {

/// A line to be said.
struct Line {
    std::string text;
    std::string lang;
    std::string voice;
    std::string emotion = "neutral";
    double intensity = 1;
    bool interrupt = false;
};

std::string EncodeSay(const Line& line);
/// `undo`, `redo`, `save` or `stop`.
std::string EncodeCommand(const char* type);
std::string EncodeSet(const std::string& path, double value);
std::string EncodeSet(const std::string& path, const std::string& choice);
/// Let go of a value, where null does that: a shape held by hand.
std::string EncodeRelease(const std::string& path);

/// What a path takes: one entry of the bridge's schema. `*` in `path` stands for a name.
struct ControlSpec {
    std::string path;
    std::string unit;
    std::string label;
    double min = 0;
    double max = 1;
    std::vector<std::string> choices;  ///< Empty for a number.
    bool isNullable = false;
};

/// What a designer has before them, kept as the bridge tells it.
class Desk {
public:
    /// Take a message; false, and nothing is changed, for one that can't be read. Unknown types are skipped.
    bool Receive(const char* data, std::size_t length);
    /// The entry of the schema that `path` belongs to, or null.
    const ControlSpec* Find(const std::string& path) const;

    const std::map<std::string, Json>& Values() const { return values_; }
    /// Goes up with each message taken: who shows the values compares it.
    long long Revision() const { return revision_; }
    const std::string& You() const { return you_; }
    const std::string& State() const { return state_; }
    const std::string& Emotion() const { return emotion_; }
    /// What the bridge refused last, or a fault of its own; empty after something has been taken.
    const std::string& LastError() const { return lastError_; }
    bool CanUndo() const { return canUndo_; }
    bool CanRedo() const { return canRedo_; }
    bool HasUnsaved() const { return hasUnsaved_; }

private:
    bool TakeState(const Json& fields);
    bool TakeChanged(const Json& fields);
    void TakeSchema(const Json& schema);

    std::map<std::string, Json> values_;
    std::vector<ControlSpec> schema_;
    long long revision_ = 0;
    std::string you_;
    std::string state_;
    std::string emotion_;
    std::string lastError_;
    bool canUndo_ = false;
    bool canRedo_ = false;
    bool hasUnsaved_ = false;
};

}  // namespace avatarbridge
