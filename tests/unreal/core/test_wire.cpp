// The wire format against the golden vectors, and what breaks it.

#include "Check.h"
#include "Messages.h"

using namespace avatarbridge;

namespace {

Layout LayoutOf(const Json& vectors) {
    const Json& fields = *vectors.Find("layout");
    Layout layout;
    for (const Json& name : fields.Find("curves")->items) layout.curves.push_back(name.text);
    for (const Json& name : fields.Find("bones")->items) layout.bones.push_back(name.text);
    layout.curveMin = fields.Find("curve_range")->items[0].number;
    layout.curveMax = fields.Find("curve_range")->items[1].number;
    return layout;
}

void CheckNames(const std::vector<std::string>& names, const Json& expected) {
    CHECK(names.size() == expected.items.size());
    for (std::size_t i = 0; i < names.size(); ++i) CHECK(names[i] == expected.items[i].text);
}

void CheckFrames(const Message& message, const Layout& layout, const Json& expected) {
    CHECK(message.start == static_cast<std::int64_t>(expected.Number("first_index")));
    const Json& curves = *expected.Find("curves");
    const Json& bones = *expected.Find("bones_wxyz");
    CHECK(message.count == static_cast<int>(curves.items.size()));
    Pose pose(layout.curves.size(), layout.bones.size());
    for (std::size_t t = 0; t < curves.items.size(); ++t) {
        ReadFrame(message, static_cast<int>(t), layout, pose);
        for (std::size_t c = 0; c < pose.curves.size(); ++c) {
            CHECK_NEAR(pose.curves[c], curves.items[t].items[c].number, 1e-6);
        }
        for (std::size_t b = 0; b < pose.bones.size(); ++b) {
            const std::vector<Json>& wxyz = bones.items[t].items[b].items;
            CHECK_NEAR(pose.bones[b].w, wxyz[0].number, 1e-6);
            CHECK_NEAR(pose.bones[b].x, wxyz[1].number, 1e-6);
            CHECK_NEAR(pose.bones[b].y, wxyz[2].number, 1e-6);
            CHECK_NEAR(pose.bones[b].z, wxyz[3].number, 1e-6);
        }
    }
}

void CheckAudio(const Message& message, const Json& expected) {
    CHECK(message.start == static_cast<std::int64_t>(expected.Number("start_sample")));
    const std::vector<Json>& pcm16 = expected.Find("pcm16")->items;
    CHECK(message.count == static_cast<int>(pcm16.size()));
    for (int i = 0; i < message.count; ++i) CHECK(ReadSample(message, i) == pcm16[static_cast<std::size_t>(i)].number);
}

void CheckWords(const std::vector<SpokenWord>& words, const Json& expected) {
    const Json* told = expected.Find("words");
    CHECK(words.size() == (told == nullptr ? 0 : told->items.size()));
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::vector<Json>& row = told->items[i].items;
        CHECK(words[i].startSample == row[0].number && words[i].endSample == row[1].number && words[i].text == row[2].text);
        text += words[i].text;
    }
    CHECK(words.empty() || text == expected.Text("text"));
}

void CheckGood(const Json& vector, const Layout& layout) {
    const messages::Bytes bytes = messages::FromHex(vector.Text("hex"));
    const Json& expected = *vector.Find("expect");
    Message message;
    CHECK(Decode(bytes.data(), bytes.size(), &layout, message) == nullptr);
    CHECK(message.epoch == static_cast<std::uint32_t>(expected.Number("epoch")));
    const std::string type = expected.Text("type");
    if (type == "layout") {
        CHECK(message.type == MessageType::Layout);
        CHECK(message.layout.subject == expected.Text("subject"));
        CHECK(message.layout.dueIndex == static_cast<std::int64_t>(expected.Number("due_index")));
        CHECK(message.layout.isPrimary == expected.IsTrue("primary"));
        CheckNames(message.layout.curves, *expected.Find("curves"));
        CheckNames(message.layout.bones, *expected.Find("bones"));
        CHECK(message.layout.axes == expected.Text("axes"));
    } else if (type == "frames") {
        CHECK(message.type == MessageType::Frames);
        CheckFrames(message, layout, expected);
    } else if (type == "audio") {
        CHECK(message.type == MessageType::Audio);
        CheckAudio(message, expected);
    } else {
        CHECK(type == "event" && message.type == MessageType::Event);
        CHECK(message.event.name == expected.Text("name"));
        CHECK(message.event.fields.Text("text") == expected.Text("text"));
        CHECK(message.event.fields.Number("end_sample") == expected.Number("end_sample"));
        CheckWords(WordsOf(message.event), expected);
    }
}

void Vectors() {
    const Json vectors = messages::Vectors();
    const Layout layout = LayoutOf(vectors);
    CHECK(layout.curves.size() == 52 && vectors.Find("good")->items.size() >= 9);
    for (const Json& vector : vectors.Find("good")->items) CheckGood(vector, layout);
    const messages::Bytes unknown = messages::FromHex(vectors.Find("skip")->Text("hex"));
    Message message;
    CHECK(Decode(unknown.data(), unknown.size(), &layout, message) == nullptr && message.type == MessageType::Unknown);
    for (const Json& vector : vectors.Find("bad")->items) {
        const messages::Bytes bytes = messages::FromHex(vector.Text("hex"));
        CHECK(Decode(bytes.data(), bytes.size(), &layout, message) != nullptr);
    }
}

void FramesBeforeTheLayoutAreRefused() {
    const messages::Bytes bytes = messages::Frames(3, 1);
    Message message;
    CHECK(Decode(bytes.data(), bytes.size(), nullptr, message) != nullptr);
}

void LayoutsOfAnotherPrecisionOrWithoutRangeAreRefused() {
    std::string text = "{\"subject\":\"a\",\"due_index\":0,\"primary\":true,\"curves\":[],\"bones\":[],"
                       "\"curve_range\":[0,1],\"curve_steps\":255,\"bone_steps\":32767}";
    const auto isRefused = [](const std::string& json) {
        const messages::Bytes bytes = messages::Text(1, 0, json);
        Message message;
        return Decode(bytes.data(), bytes.size(), nullptr, message) != nullptr;
    };
    CHECK(!isRefused(text));
    for (const char* broken : {"255", "32767", "[0,1]", "\"a\"", "true", "[],\"bones\"", "\"due_index\":0,"}) {
        std::string other = text;
        other.replace(other.find(broken), std::string(broken).size(), std::string(broken) == "\"due_index\":0," ? "" : "7");
        CHECK(isRefused(other));
    }
    text.replace(text.find("[0,1]"), 5, "[1,1]");
    CHECK(isRefused(text));
}

}  // namespace

int main() {
    Vectors();
    FramesBeforeTheLayoutAreRefused();
    LayoutsOfAnotherPrecisionOrWithoutRangeAreRefused();
}
