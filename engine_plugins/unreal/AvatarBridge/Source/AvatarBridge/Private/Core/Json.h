#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace avatarbridge {

/// A value of RFC 8259 JSON. Layouts, events and tuning come a few a minute, so this allocates freely.
struct Json {
    enum class Kind { Null, Bool, Number, Text, Array, Object };

    Kind kind = Kind::Null;
    bool isTrue = false;
    double number = 0;
    std::string text;               ///< UTF-8.
    std::vector<Json> items;        ///< Of an array; of an object its values, in the order of `keys`.
    std::vector<std::string> keys;  ///< Of an object.

    bool IsNumber() const { return kind == Kind::Number; }
    bool IsText() const { return kind == Kind::Text; }
    bool IsObject() const { return kind == Kind::Object; }

    /// A field of an object, or null.
    const Json* Find(const char* key) const;
    /// A field that is text, or an empty string.
    std::string Text(const char* key) const;
    /// A field that is a number, or `otherwise`.
    double Number(const char* key, double otherwise = -1) const;
    /// Whether a field is true.
    bool IsTrue(const char* key) const;
};

/// Read the whole of `length` bytes of UTF-8 into `out`. False, whatever the bytes, for all that is not JSON.
bool ParseJson(const char* data, std::size_t length, Json& out);

/// A string between quotation marks, as JSON writes it.
std::string QuoteJson(const std::string& text);

/// A finite number as JSON writes it, whatever the computer's language.
std::string NumberJson(double value);

}  // namespace avatarbridge
