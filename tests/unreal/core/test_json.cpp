// JSON as RFC 8259 has it, and nothing else.

#include <clocale>

#include "Check.h"
#include "Json.h"

using namespace avatarbridge;

namespace {

bool Reads(const std::string& text, Json& out) { return ParseJson(text.data(), text.size(), out); }

bool Reads(const std::string& text) {
    Json out;
    return Reads(text, out);
}

void Values() {
    Json json;
    CHECK(Reads(" {\"a\" : [1, -2.5e1, true, null, \"\\u00e4\\ud83d\\ude00\\n\"], \"b\":{}, \"a2\":0.1} ", json));
    const Json& a = *json.Find("a");
    CHECK(a.items[0].number == 1 && a.items[1].number == -25 && a.items[2].isTrue);
    CHECK(a.items[3].kind == Json::Kind::Null && a.items[4].text == "ä😀\n");
    CHECK(json.Find("b")->IsObject() && json.Find("c") == nullptr);
    CHECK_NEAR(json.Number("a2"), 0.1, 1e-17);
    CHECK(Reads("[9007199254740991]", json) && json.items[0].number == 9007199254740991.0);
    CHECK(Reads("\"\\ud800x\"", json) && json.text == "\xEF\xBF\xBDx");
}

void WhatIsNotJson() {
    for (const char* text : {"", "{", "[1,]", "{\"a\":}", "{\"a\" 1}", "{a:1}", "'a'", "\"a", "\"\t\"", "tru", "1 2", "-",
                             "1.", ".5", "1e", "1e999", "NaN", "\"\\x\"", "\"\\u12g4\"", "\"\\u12\"", "[1", "\"\\"}) {
        CHECK(!Reads(text));
    }
    CHECK(!Reads(std::string("\"\xC0\x80\"")) && !Reads(std::string("\"\xED\xA0\x80\"")) && !Reads(std::string("\"\xFF\"")));
    CHECK(!Reads(std::string("\"\\\0\"", 4)));
    CHECK(!Reads(std::string(100000, '[')));
    CHECK(Reads(std::string(20, '[') + std::string(20, ']')));
}

void WhatIsWrittenIsReadAgain() {
    const std::string text = "Grüße, \"你好\"\\\x01\n😀";
    Json json;
    CHECK(Reads(QuoteJson(text), json) && json.text == text);
    std::setlocale(LC_ALL, "de_DE.UTF-8");
    for (const double value : {0.0, -1.5, 1e-7, 123456.789, 1e9}) {
        CHECK(Reads(NumberJson(value), json));
        CHECK_NEAR(json.number, value, std::fabs(value) * 1e-8);
    }
    CHECK(NumberJson(NAN) == "null");
}

}  // namespace

int main() {
    Values();
    WhatIsNotJson();
    WhatIsWrittenIsReadAgain();
}
