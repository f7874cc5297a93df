// How far what is shown and what is heard stand apart, under what a network and clocks do to them. Prints the table of
// docs/measured.md.

#include "Simulation.h"

namespace {

constexpr double kFrameMs = 1000 / 60.0;

double Quantile(std::vector<double> values, double q) {
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(q * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

std::vector<double> Magnitudes(std::vector<double> values) {
    for (double& value : values) value = std::fabs(value);
    return values;
}

std::vector<double> Tenth(const std::vector<double>& values, std::size_t k) {
    const auto from = [&](std::size_t i) { return values.begin() + static_cast<std::ptrdiff_t>(values.size() * i / 10); };
    return std::vector<double>(from(k), from(k + 1));
}

Conditions Named(const char* name) {
    Conditions conditions;
    conditions.name = name;
    return conditions;
}

std::vector<Conditions> All() {
    std::vector<Conditions> all;
    const auto add = [&](const char* name) -> Conditions& { return all.emplace_back(Named(name)); };
    add("no delay");
    add("100 ms delay").delayS = 0.1;
    Conditions jitter = Named("30 ms jitter");
    jitter.delayS = 0.05;
    jitter.jitterS = 0.03;
    all.push_back(jitter);
    Conditions loss = Named("2 % loss, sent again after 200 ms");
    loss.delayS = loss.loss = 0.02;
    all.push_back(loss);
    loss.name = "2 % of messages never arrive";
    loss.retransmitS = 0;
    all.push_back(loss);
    jitter.name = "reordering (30 ms jitter, no order)";
    jitter.inOrder = false;
    all.push_back(jitter);
    Conditions stall = Named("1 s stall each half minute");
    stall.delayS = 0.02;
    stall.stallS = 1;
    all.push_back(stall);
    stall.name = "100 ms delay, 30 ms jitter, 2 % loss, stalls";
    stall.delayS = 0.1;
    stall.jitterS = 0.03;
    stall.loss = 0.02;
    all.push_back(stall);
    Conditions hour = Named("an hour of talk, device +100 ppm, bridge -50 ppm");
    hour.minutes = 60;
    hour.devicePpm = 100;
    hour.bridgePpm = -50;
    all.push_back(hour);
    hour.name = "an hour without a pause, device -100 ppm";
    hour.devicePpm = -100;
    hour.bridgePpm = 0;
    hour.speaksWithoutPause = true;
    all.push_back(hour);
    return all;
}

void Expect(const Conditions& conditions) {
    Simulation run(conditions);
    run.Run();
    CHECK(run.settledMs.size() > 1000 && run.lost() == 0);
    const double settled99 = Quantile(Magnitudes(run.settledMs), 0.99);
    std::printf("| %s | %zu | %.1f | %.1f | %.1f | %lld | %d |\n", conditions.name, run.errorsMs.size(),
                Quantile(run.errorsMs, 0.5), Quantile(Magnitudes(run.errorsMs), 0.99), settled99,
                static_cast<long long>(run.late()), run.misfits);
    CHECK(settled99 < kFrameMs);
    // Where the network does nothing but take its time, speech is in time, for all that the output's blocks are long.
    const bool isEven = conditions.jitterS == 0 && conditions.loss == 0 && conditions.stallS == 0;
    CHECK(!isEven || run.late() <= 2);
    if (conditions.minutes >= 60) {
        CHECK_NEAR(Quantile(Tenth(run.settledMs, 0), 0.5), Quantile(Tenth(run.settledMs, 9), 0.5), 1);
    }
}

}  // namespace

int main() {
    for (const Conditions& conditions : All()) Expect(conditions);
}
