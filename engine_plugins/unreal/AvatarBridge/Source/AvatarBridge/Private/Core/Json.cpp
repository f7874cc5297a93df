#include "Json.h"

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>

namespace avatarbridge {
namespace {

constexpr int kDeepestLevel = 32;

/// A reader of one text. Each step says whether it succeeded; the first that did not ends the reading.
class JsonReader {
public:
    JsonReader(const char* data, std::size_t length) : at_(data), end_(data + length) {}

    bool Whole(Json& out) {
        if (!Value(out, 0)) return false;
        SkipSpace();
        return at_ == end_;
    }

private:
    bool Value(Json& out, int level) {
        SkipSpace();
        if (at_ == end_ || level > kDeepestLevel) return false;
        switch (*at_) {
            case '{': return Object(out, level);
            case '[': return Array(out, level);
            case '"':
                out.kind = Json::Kind::Text;
                return String(out.text);
            case 't':
                out.kind = Json::Kind::Bool;
                out.isTrue = true;
                return Word("true");
            case 'f':
                out.kind = Json::Kind::Bool;
                return Word("false");
            case 'n': return Word("null");
            default:
                out.kind = Json::Kind::Number;
                return Number(out.number);
        }
    }

    bool Object(Json& out, int level) {
        out.kind = Json::Kind::Object;
        ++at_;
        if (Took('}')) return true;
        do {
            SkipSpace();
            out.keys.emplace_back();
            out.items.emplace_back();
            if (!String(out.keys.back()) || !Took(':') || !Value(out.items.back(), level + 1)) return false;
        } while (Took(','));
        return Took('}');
    }

    bool Array(Json& out, int level) {
        out.kind = Json::Kind::Array;
        ++at_;
        if (Took(']')) return true;
        do {
            out.items.emplace_back();
            if (!Value(out.items.back(), level + 1)) return false;
        } while (Took(','));
        return Took(']');
    }

    bool String(std::string& out) {
        if (at_ == end_ || *at_ != '"') return false;
        for (++at_; at_ != end_;) {
            const unsigned char c = static_cast<unsigned char>(*at_);
            if (c == '"') return ++at_, true;
            if (c < 0x20) return false;
            if (c == '\\' ? !Escaped(out) : !Utf8(out)) return false;
        }
        return false;
    }

    bool Escaped(std::string& out) {
        static const char kNames[] = "\"\\/bfnrt";
        static const char kMeanings[] = "\"\\/\b\f\n\r\t";
        if (++at_ == end_) return false;
        if (*at_ == 'u') return Unicode(out);
        const char* name = *at_ == 0 ? nullptr : std::strchr(kNames, *at_);
        if (name == nullptr) return false;
        out += kMeanings[name - kNames];
        ++at_;
        return true;
    }

    bool Unicode(std::string& out) {
        std::uint32_t code = 0;
        if (!Hexadecimal(code)) return false;
        if (code >= 0xD800 && code < 0xDC00 && end_ - at_ >= 6 && at_[0] == '\\' && at_[1] == 'u') {
            std::uint32_t low = 0;
            ++at_;
            if (!Hexadecimal(low) || low < 0xDC00 || low > 0xDFFF) return false;
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        }
        if (code >= 0xD800 && code < 0xE000) code = 0xFFFD;  // half of a pair has no place in UTF-8
        Append(code, out);
        return true;
    }

    /// Four digits after the `u` at the reading position.
    bool Hexadecimal(std::uint32_t& code) {
        ++at_;
        if (end_ - at_ < 4) return false;
        for (int i = 0; i < 4; ++i, ++at_) {
            const char c = *at_;
            const int digit = c >= '0' && c <= '9'   ? c - '0'
                              : c >= 'a' && c <= 'f' ? c - 'a' + 10
                              : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                     : -1;
            if (digit < 0) return false;
            code = code * 16 + static_cast<std::uint32_t>(digit);
        }
        return true;
    }

    static void Append(std::uint32_t code, std::string& out) {
        if (code < 0x80) {
            out += static_cast<char>(code);
            return;
        }
        const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
        static const unsigned char kLead[] = {0, 0xC0, 0xE0, 0xF0};
        out += static_cast<char>(kLead[more] | (code >> (6 * more)));
        for (int i = more - 1; i >= 0; --i) out += static_cast<char>(0x80 | ((code >> (6 * i)) & 0x3F));
    }

    /// One character of well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing past U+10FFFF.
    bool Utf8(std::string& out) {
        const unsigned char lead = static_cast<unsigned char>(*at_);
        const int more = lead < 0x80 ? 0 : lead < 0xC2 ? -1 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : lead < 0xF5 ? 3 : -1;
        if (more < 0 || end_ - at_ <= more) return false;
        std::uint32_t code = more == 0 ? lead : lead & (0x3Fu >> more);
        for (int i = 1; i <= more; ++i) {
            const unsigned char next = static_cast<unsigned char>(at_[i]);
            if ((next & 0xC0) != 0x80) return false;
            code = code << 6 | (next & 0x3Fu);
        }
        static const std::uint32_t kLeast[] = {0, 0x80, 0x800, 0x10000};
        if (code < kLeast[more] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return false;
        out.append(at_, static_cast<std::size_t>(more) + 1);
        at_ += more + 1;
        return true;
    }

    /// The C library reads numbers by the computer's language, so this does it by hand; exact up to 2^53.
    bool Number(double& out) {
        const bool isNegative = at_ != end_ && *at_ == '-';
        if (isNegative) ++at_;
        double value = 0;
        int exponent = 0;
        if (!Digits(value)) return false;
        if (at_ != end_ && *at_ == '.') {
            const char* point = ++at_;
            if (!Digits(value)) return false;
            exponent = -static_cast<int>(at_ - point);
        }
        if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
            if (++at_ == end_) return false;
            const int sign = *at_ == '-' ? -1 : 1;
            if (*at_ == '-' || *at_ == '+') ++at_;
            double power = 0;
            if (!Digits(power)) return false;
            exponent += sign * static_cast<int>(power < 1000 ? power : 1000);
        }
        if (value != 0 && exponent != 0) {
            value = exponent < 0 ? value / std::pow(10.0, -exponent) : value * std::pow(10.0, exponent);
        }
        out = isNegative ? -value : value;
        return std::isfinite(out);
    }

    bool Digits(double& value) {
        const char* start = at_;
        for (; at_ != end_ && *at_ >= '0' && *at_ <= '9'; ++at_) value = value * 10 + (*at_ - '0');
        return at_ != start && at_ - start < 300;
    }

    bool Word(const char* word) {
        const std::size_t length = std::strlen(word);
        if (static_cast<std::size_t>(end_ - at_) < length || std::memcmp(at_, word, length) != 0) return false;
        at_ += length;
        return true;
    }

    bool Took(char wanted) {
        SkipSpace();
        if (at_ == end_ || *at_ != wanted) return false;
        ++at_;
        return true;
    }

    void SkipSpace() {
        while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\r' || *at_ == '\n')) ++at_;
    }

    const char* at_;
    const char* end_;
};

}  // namespace

const Json* Json::Find(const char* key) const {
    for (std::size_t i = keys.size(); i-- > 0;) {
        if (keys[i] == key) return &items[i];
    }
    return nullptr;
}

std::string Json::Text(const char* key) const {
    const Json* field = Find(key);
    return field != nullptr && field->IsText() ? field->text : std::string();
}

double Json::Number(const char* key, double otherwise) const {
    const Json* field = Find(key);
    return field != nullptr && field->IsNumber() ? field->number : otherwise;
}

bool Json::IsTrue(const char* key) const {
    const Json* field = Find(key);
    return field != nullptr && field->kind == Kind::Bool && field->isTrue;
}

bool ParseJson(const char* data, std::size_t length, Json& out) {
    out = Json();
    return JsonReader(data, length).Whole(out);
}

std::string QuoteJson(const std::string& text) {
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            quoted += '\\';
            quoted += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            char escaped[8];
            std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
            quoted += escaped;
        } else {
            quoted += c;
        }
    }
    return quoted + '"';
}

std::string NumberJson(double value) {
    if (!std::isfinite(value)) return "null";
    char written[40];
    std::snprintf(written, sizeof written, "%.9g", value);
    for (char* c = written; *c != 0; ++c) {
        if (*c == ',') *c = '.';
    }
    return written;
}

}  // namespace avatarbridge
