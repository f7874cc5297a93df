// When to connect, and what is said on `/ws/control`.

#include <limits>

#include "Check.h"
#include "Control.h"
#include "Reconnect.h"

using namespace avatarbridge;

namespace {

void WaitsDoubleUpToFiveSeconds() {
    CHECK(BackoffS(0, 0) == 0.25 && BackoffS(1, 0) == 0.5 && BackoffS(4, 0) == 4 && BackoffS(9, 0) == 5);
    CHECK(BackoffS(1000000, 1) == 2.5 && BackoffS(-1, 0) == 0.25);
}

void AConnectionComesBackByItself() {
    using Step = Reconnect::Step;
    Reconnect policy;
    CHECK(policy.Tick(10, 0) == Step::Connect && policy.Tick(10, 0) == Step::Nothing);
    policy.Lost(10.1, 0);
    policy.Lost(10.2, 0);
    CHECK(policy.Tick(10.3, 0) == Step::Nothing && policy.Tick(10.36, 0) == Step::Connect);
    policy.Lost(10.4, 0);
    CHECK(policy.Tick(10.8, 0) == Step::Nothing && policy.Tick(10.91, 0) == Step::Connect);
    policy.Heard(11);
    CHECK(policy.Tick(15.9, 0) == Step::Nothing && policy.Tick(16.1, 0) == Step::Drop);
    CHECK(policy.Tick(16.2, 0) == Step::Nothing && policy.Tick(16.36, 0) == Step::Connect);
}

void AConnectionThatMayBeSilentIsLeftAlone() {
    Reconnect policy(std::numeric_limits<double>::infinity());
    CHECK(policy.Tick(0, 0) == Reconnect::Step::Connect && policy.Tick(1e9, 0) == Reconnect::Step::Nothing);
}

bool Give(Desk& desk, const std::string& text) { return desk.Receive(text.data(), text.size()); }

void ADeskIsAsTheBridgeTellsIt() {
    Desk desk;
    CHECK(Give(desk, "{\"type\":\"state\",\"rev\":3,\"you\":\"c1\",\"state\":\"idle\",\"emotion\":\"happy\",\"can_undo\":true,"
                     "\"last_error\":\"\",\"unsaved\":true,\"schema\":[{\"path\":\"rig.curves.*.gain\",\"kind\":\"number\","
                     "\"min\":0,\"max\":4,\"label\":\"l\",\"unit\":\"\",\"choices\":[],\"nullable\":false},"
                     "{\"path\":\"emotion.name\",\"kind\":\"choice\",\"choices\":[\"neutral\",\"sad\"]}],"
                     "\"values\":{\"rig.curves.jaw.x.gain\":1.5,\"override.jawOpen\":null,\"emotion.name\":\"sad\"}}"));
    CHECK(desk.You() == "c1" && desk.State() == "idle" && desk.Emotion() == "happy" && desk.CanUndo() && !desk.CanRedo());
    CHECK(desk.HasUnsaved() && desk.Values().size() == 3 && desk.Values().at("rig.curves.jaw.x.gain").number == 1.5);
    CHECK(desk.Find("rig.curves.jaw.x.gain")->max == 4 && desk.Find("rig.curves..gain") == nullptr);
    CHECK(desk.Find("emotion.name")->choices.size() == 2 && desk.Find("emotion.intensity") == nullptr);
    CHECK(Give(desk, "{\"type\":\"changed\",\"path\":\"emotion.name\",\"value\":\"neutral\",\"rev\":4,\"by\":\"c2\"}"));
    CHECK(desk.Values().at("emotion.name").text == "neutral");
    CHECK(Give(desk, "{\"type\":\"state\",\"schema\":null,\"values\":null,\"can_undo\":false}"));
    CHECK(desk.Values().size() == 3 && !desk.CanUndo());
    CHECK(Give(desk, "{\"type\":\"error\",\"id\":1,\"error\":\"No.\"}") && desk.LastError() == "No.");
    const long long revision = desk.Revision();
    for (const char* bad : {"", "7", "{\"type\":\"changed\"}", "{\"type\":\"changed\",\"path\":\"p\",\"value\":[]}"}) {
        CHECK(!Give(desk, bad));
    }
    CHECK(desk.Revision() == revision && Give(desk, "{\"type\":\"of a later version\"}"));
}

void WhatIsSaidIsJson() {
    Line line;
    line.text = "\"Hi\"\n";
    line.interrupt = true;
    CHECK(EncodeSay(line) == "{\"type\":\"say\",\"text\":\"\\\"Hi\\\"\\u000a\",\"lang\":\"\",\"emotion\":\"neutral\","
                             "\"intensity\":1,\"voice\":\"\",\"interrupt\":true}");
    CHECK(EncodeCommand("stop") == "{\"type\":\"stop\"}");
    CHECK(EncodeSet("a.b", 0.5) == "{\"type\":\"set\",\"path\":\"a.b\",\"value\":0.5}");
    CHECK(EncodeSet("a", std::string("sad")) == "{\"type\":\"set\",\"path\":\"a\",\"value\":\"sad\"}");
    CHECK(EncodeRelease("a") == "{\"type\":\"set\",\"path\":\"a\",\"value\":null}");
}

}  // namespace

int main() {
    WaitsDoubleUpToFiveSeconds();
    AConnectionComesBackByItself();
    AConnectionThatMayBeSilentIsLeftAlone();
    ADeskIsAsTheBridgeTellsIt();
    WhatIsSaidIsJson();
}
