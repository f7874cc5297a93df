#include "ShapeNames.h"

#include <cctype>
#include <cstddef>

namespace avatarbridge {
namespace {

bool IsSeparator(char c) { return c == '.' || c == '_' || c == '-' || c == ' '; }

/// Write a side of one letter in full.
std::string WithWholeSide(const std::string& name) {
    if (name.size() < 2 || !IsSeparator(name[name.size() - 2])) return name;
    const int side = std::tolower(static_cast<unsigned char>(name.back()));
    if (side != 'l' && side != 'r') return name;
    return name.substr(0, name.size() - 2) + (side == 'l' ? "Left" : "Right");
}

/// Whether a name begins as exporters number their shapes: `A14_`.
bool IsNumbered(const std::string& name) {
    const auto isDigit = [&](std::size_t i) { return std::isdigit(static_cast<unsigned char>(name[i])) != 0; };
    return name.size() > 4 && std::isupper(static_cast<unsigned char>(name[0])) && isDigit(1) && isDigit(2) && name[3] == '_';
}

}  // namespace

std::string ShapeKey(const std::string& name) {
    std::string whole = WithWholeSide(name);
    whole = whole.substr(whole.rfind('.') + 1);
    if (IsNumbered(whole)) whole = whole.substr(4);
    std::string key;
    for (const char c : whole) {
        if (!IsSeparator(c)) key += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return key;
}

}  // namespace avatarbridge
