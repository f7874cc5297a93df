#include "Control.h"

#include <cstddef>

namespace avatarbridge {
namespace {

std::string EncodeSetRaw(const std::string& path, const std::string& value) {
    return "{\"type\":\"set\",\"path\":" + QuoteJson(path) + ",\"value\":" + value + "}";
}

bool IsValue(const Json* value) {
    return value != nullptr && (value->IsNumber() || value->IsText() || value->kind == Json::Kind::Null);
}

bool Fits(const std::string& path, const std::string& pattern) {
    const std::size_t star = pattern.find('*');
    if (star == std::string::npos) return path == pattern;
    const std::size_t tail = pattern.size() - star - 1;
    return path.size() > star + tail && path.compare(0, star, pattern, 0, star) == 0 &&
           path.compare(path.size() - tail, tail, pattern, star + 1, tail) == 0;
}

}  // namespace

std::string EncodeSay(const Line& line) {
    return "{\"type\":\"say\",\"text\":" + QuoteJson(line.text) + ",\"lang\":" + QuoteJson(line.lang) +
           ",\"emotion\":" + QuoteJson(line.emotion) + ",\"intensity\":" + NumberJson(line.intensity) +
           ",\"voice\":" + QuoteJson(line.voice) + ",\"interrupt\":" + (line.interrupt ? "true" : "false") + "}";
}

std::string EncodeCommand(const char* type) { return "{\"type\":" + QuoteJson(type) + "}"; }

std::string EncodeSet(const std::string& path, double value) { return EncodeSetRaw(path, NumberJson(value)); }

std::string EncodeSet(const std::string& path, const std::string& choice) {
    return EncodeSetRaw(path, QuoteJson(choice));
}

std::string EncodeRelease(const std::string& path) { return EncodeSetRaw(path, "null"); }

bool Desk::Receive(const char* data, std::size_t length) {
    Json fields;
    if (!ParseJson(data, length, fields) || !fields.IsObject()) return false;
    const std::string type = fields.Text("type");
    bool isTaken = true;
    if (type == "state") {
        isTaken = TakeState(fields);
    } else if (type == "changed") {
        isTaken = TakeChanged(fields);
    } else if (type == "error") {
        lastError_ = fields.Text("error");
    }
    if (isTaken) ++revision_;
    return isTaken;
}

const ControlSpec* Desk::Find(const std::string& path) const {
    for (const ControlSpec& spec : schema_) {
        if (Fits(path, spec.path)) return &spec;
    }
    return nullptr;
}

bool Desk::TakeState(const Json& fields) {
    you_ = fields.Text("you");
    state_ = fields.Text("state");
    emotion_ = fields.Text("emotion");
    lastError_ = fields.Text("last_error");
    canUndo_ = fields.IsTrue("can_undo");
    canRedo_ = fields.IsTrue("can_redo");
    hasUnsaved_ = fields.IsTrue("unsaved");
    const Json* schema = fields.Find("schema");
    const Json* values = fields.Find("values");
    if (schema != nullptr && schema->kind == Json::Kind::Array) TakeSchema(*schema);
    if (values != nullptr && values->IsObject()) {
        values_.clear();
        for (std::size_t i = 0; i < values->keys.size(); ++i) {
            if (IsValue(&values->items[i])) values_[values->keys[i]] = values->items[i];
        }
    }
    return true;
}

bool Desk::TakeChanged(const Json& fields) {
    const Json* path = fields.Find("path");
    const Json* value = fields.Find("value");
    if (path == nullptr || !path->IsText() || !IsValue(value)) return false;
    values_[path->text] = *value;
    lastError_.clear();
    return true;
}

void Desk::TakeSchema(const Json& schema) {
    schema_.clear();
    for (const Json& item : schema.items) {
        ControlSpec spec;
        spec.path = item.Text("path");
        spec.unit = item.Text("unit");
        spec.label = item.Text("label");
        spec.min = item.Number("min", 0);
        spec.max = item.Number("max", 1);
        spec.isNullable = item.IsTrue("nullable");
        if (const Json* choices = item.Find("choices")) {
            for (const Json& choice : choices->items) spec.choices.push_back(choice.text);
        }
        schema_.push_back(spec);
    }
}

}  // namespace avatarbridge
