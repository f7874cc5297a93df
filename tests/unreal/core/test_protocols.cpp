// The golden packets of the protocols that are not ours, read by second readers, and what breaks them.

#include <functional>
#include <random>

#include "Check.h"
#include "Protocols.h"

using avatarbridge::Json;
using messages::Bytes;

namespace {

using Read = std::function<std::optional<Json>(const Bytes&)>;

struct Protocol {
    const char* name;
    Read read;
};

std::vector<Protocol> Protocols() {
    const std::vector<Json> names = messages::Vectors("ifacialmocap").Find("names")->items;
    return {{"livelink", protocols::LiveLink},
            {"ifacialmocap", [names](const Bytes& data) { return protocols::FacialMocap(data, names); }},
            {"vmc", protocols::Vmc},
            {"vrchat", protocols::VrChat}};
}

std::vector<Json> Rows(const char* protocol, const char* kind) { return messages::Vectors(protocol).Find(kind)->items; }

/// Numbers to six digits, all else exactly; of objects, the same fields in any order.
void CheckSame(const Json& wanted, const Json& got) {
    CHECK(wanted.kind == got.kind && wanted.items.size() == got.items.size());
    CHECK(wanted.text == got.text && wanted.isTrue == got.isTrue);
    CHECK_NEAR(got.number, wanted.number, 1e-6 * std::max(1.0, std::fabs(wanted.number)));
    for (std::size_t i = 0; i < wanted.items.size(); ++i) {
        const Json* item = wanted.IsObject() ? got.Find(wanted.keys[i].c_str()) : &got.items[i];
        CHECK(item != nullptr);
        CheckSame(wanted.items[i], *item);
    }
}

void GoldenPacketsMeanWhatIsWritten() {
    int read = 0;
    for (const Protocol& protocol : Protocols()) {
        for (const Json& row : Rows(protocol.name, "good")) {
            const std::optional<Json> got = protocol.read(messages::FromHex(row.Text("hex")));
            CHECK(got.has_value());
            CheckSame(*row.Find("expect"), *got);
            ++read;
        }
    }
    CHECK(read >= 25);
}

void BrokenPacketsAreRefused() {
    for (const Protocol& protocol : Protocols()) {
        for (const Json& row : Rows(protocol.name, "bad")) {
            CHECK(!protocol.read(messages::FromHex(row.Text("hex"))).has_value());
        }
    }
}

void VTubeStudiosRequestsMeanWhatIsWritten() {
    for (const Json& row : Rows("vtube_studio", "good")) {
        const std::optional<Json> got = protocols::VTubeStudio(row.Text("text"));
        CHECK(got.has_value());
        CheckSame(*row.Find("expect"), *got);
    }
    for (const Json& row : Rows("vtube_studio", "bad")) CHECK(!protocols::VTubeStudio(row.Text("text")).has_value());
}

void BytesOfAnyKindAreSurvived() {
    std::mt19937 random(7);
    for (const Protocol& protocol : Protocols()) {
        const std::vector<Json> good = Rows(protocol.name, "good");
        for (int k = 0; k < 10000; ++k) {
            Bytes bytes = messages::FromHex(good[random() % good.size()].Text("hex"));
            for (std::uint32_t hit = random() % 6; hit > 0; --hit) bytes[random() % bytes.size()] = static_cast<std::uint8_t>(random());
            if (random() % 3 == 0) bytes.resize(random() % (bytes.size() + 20));
            protocol.read(bytes);
        }
    }
}

}  // namespace

int main() {
    GoldenPacketsMeanWhatIsWritten();
    BrokenPacketsAreRefused();
    VTubeStudiosRequestsMeanWhatIsWritten();
    BytesOfAnyKindAreSurvived();
}
