#include "Speaker.h"

#include <algorithm>

#include "Wire.h"

namespace avatarbridge {
namespace {

double Seconds(std::int64_t frames) { return static_cast<double>(frames) / kSampleRateHz; }

}  // namespace

Speaker::Speaker() : clock_(kSampleRateHz) {}

void Speaker::SetLatency(double latencyS) {
    const std::lock_guard<std::mutex> lock(mutex_);
    latencyS_ = latencyS;
}

void Speaker::Pull(double nowS, std::int16_t* out, int count) {
    const std::lock_guard<std::mutex> lock(mutex_);
    clock_.Pulled(nowS, queue_.NextFrame());
    queue_.Pull(out, count);
    block_ = std::max(block_, count);
}

Reading Speaker::Read(double nowS) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    Reading reading;
    reading.nowS = nowS;
    reading.hasAudio = clock_.IsRunning(nowS);
    // Between this reading and what is placed by it the output may take another block.
    reading.renderS = Seconds(queue_.NextFrame() + block_);
    reading.latencyS = latencyS_ + 2 * Seconds(block_);
    reading.heardS = std::min(clock_.At(nowS), Seconds(queue_.NextFrame())) - latencyS_;
    return reading;
}

void Speaker::Play(std::int64_t outputFrame, const std::uint8_t* pcm16, int count) {
    const std::lock_guard<std::mutex> lock(mutex_);
    queue_.Put(outputFrame, pcm16, count);
}

void Speaker::Silence() {
    const std::lock_guard<std::mutex> lock(mutex_);
    queue_.Silence();
}

std::int64_t Speaker::LostSamples() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return queue_.LostSamples();
}

double Speaker::BlockS() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return Seconds(block_);
}

}  // namespace avatarbridge
