#include "Receiver.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace avatarbridge {
namespace {

/// Speech later than this is not played after all: the listener has moved on.
constexpr double kTooLateS = 1;
/// The bridge leads by a second at most; what claims to lie further ahead is not of this timeline.
constexpr double kTooEarlyS = 8;
/// Frames that follow speech are sent as early as it for so long.
constexpr double kSpeechTailS = 2;

}  // namespace

Receiver::Receiver(Outputs& outputs, double bufferS)
    : outputs_(outputs), bufferS_(bufferS), clock_(bufferS), shownS_(NAN) {}

void Receiver::Connected() {
    outputs_.Silence();
    playlist_.Clear();
    if (buffer_) buffer_->Clear();
    waiting_.clear();
    isBacklog_ = false;
    clock_ = FrameClock(bufferS_);
    epoch_ = 0;
    speechEnd_ = -1;
    reported_ = -1;
}

void Receiver::Receive(const std::uint8_t* data, std::size_t length, const Reading& reading) {
    ++counters_.messages;
    Message message;
    if (const char* fault = Decode(data, length, CurrentLayout(), message)) {
        ++counters_.malformed;
        lastFault_ = fault;
        return;
    }
    if (message.type == MessageType::Unknown) return;
    if (message.epoch < epoch_) {
        ++counters_.stale;
        return;
    }
    if (message.epoch > epoch_) Begin(message.epoch, reading);
    Take(message, reading);
}

void Receiver::Show(const Reading& reading) {
    if (!buffer_) return;
    const double timeS = Advance(reading);
    PlaceWaiting(reading);
    const double shownS = buffer_->Sample(timeS, pose_);
    if (!std::isnan(shownS)) shownS_ = shownS;
    if (buffer_->IsHeld()) ++counters_.underruns;
}

void Receiver::Report(const Reading& reading) {
    if (!reading.hasAudio) return;
    const double heard = playlist_.HeardAt(reading.heardS);
    const std::int64_t sample =
        std::isnan(heard) ? playlist_.FinishedAt(reading.heardS) : static_cast<std::int64_t>(std::floor(heard));
    if (sample > reported_) {
        reported_ = sample;
        outputs_.Played(epoch_, sample);
    }
    playlist_.Prune(reading.heardS);
}

void Receiver::Begin(std::uint32_t epoch, const Reading& reading) {
    Report(reading);
    outputs_.Silence();
    playlist_.Clear();
    if (buffer_) buffer_->Clear();
    waiting_.clear();
    speechEnd_ = -1;
    epoch_ = epoch;
}

void Receiver::Take(Message& message, const Reading& reading) {
    switch (message.type) {
        case MessageType::Layout: LayOut(std::move(message.layout), reading); break;
        case MessageType::Frames: {
            counters_.frames += message.count;
            buffer_->Put(message, *layout_);
            const std::int64_t newest = message.start + message.count - 1;
            const double newestS = static_cast<double>(newest) / kFps;
            const double speechEndS = static_cast<double>(speechEnd_) / kSampleRateHz;
            if (newestS >= speechEndS + kSpeechTailS) clock_.Observe(reading, newest);
            break;
        }
        case MessageType::Audio: TakeAudio(message, reading); break;
        case MessageType::Event: outputs_.Happened(message.event); break;
        case MessageType::Unknown: break;
    }
}

void Receiver::LayOut(Layout&& layout, const Reading& reading) {
    // A tuned rig sends its layout anew: what its frames are made of is the same, so those received stay good.
    const bool isNewForm = !layout_ || !buffer_ || !layout.IsSameForm(*layout_);
    layout_ = std::move(layout);
    if (isNewForm) {
        buffer_ = std::make_unique<FrameBuffer>(*layout_);
        pose_ = Pose(layout_->curves.size(), layout_->bones.size());
    }
    clock_.Anchor(reading, layout_->dueIndex);
    Advance(reading);
    outputs_.LaidOut(*layout_);
}

void Receiver::TakeAudio(const Message& message, const Reading& reading) {
    if (!layout_ || message.count == 0) return;
    Advance(reading);
    if (clock_.CanPlace(reading) && clock_.Lateness(reading, message.start) < -kTooEarlyS) {
        ++counters_.malformed;
        lastFault_ = "speech lies further ahead than the bridge ever sends it";
        return;
    }
    speechEnd_ = std::max(speechEnd_, message.start + message.count);
    PlaceWaiting(reading);
    if (reading.hasAudio) {
        Place(message.start, message.body, message.count, reading, false);
    } else {
        waiting_.push_back({message.start, std::vector<std::uint8_t>(message.body, message.body + 2 * message.count)});
        PlaceWaiting(reading);
    }
}

/// Place the speech that has come; what came before audio ran begins in its middle, where it is now due.
void Receiver::PlaceWaiting(const Reading& reading) {
    if (waiting_.empty()) return;
    const double passedS = Advance(reading);
    if (!clock_.CanPlace(reading)) {
        const double passed = passedS * kSampleRateHz;
        const double farthest = passed + kTooEarlyS * kSampleRateHz;
        const auto isPast = [=](const Waiting& piece) {
            const double end = static_cast<double>(piece.start) + static_cast<double>(piece.pcm16.size() / 2);
            return end <= passed || static_cast<double>(piece.start) > farthest;
        };
        waiting_.erase(std::remove_if(waiting_.begin(), waiting_.end(), isPast), waiting_.end());
        isBacklog_ = true;
        return;
    }
    for (const Waiting& piece : waiting_) {
        Place(piece.start, piece.pcm16.data(), static_cast<int>(piece.pcm16.size() / 2), reading, isBacklog_);
    }
    waiting_.clear();
    isBacklog_ = false;
}

void Receiver::Place(std::int64_t start, const std::uint8_t* pcm16, int count, const Reading& reading, bool isBacklog) {
    if (!clock_.CanPlace(reading)) return;
    if (start < playlist_.EndSample()) {
        PlaceOvertaken(start, pcm16, count, reading);
        return;
    }
    std::int64_t first = 0;
    const double roomS = static_cast<double>(playlist_.EndFrame()) / kSampleRateHz - reading.renderS;
    const bool follows = start == playlist_.EndSample() && roomS >= kMarginS;
    if (!follows) {
        const double lateS = clock_.Lateness(reading, start);
        if (isBacklog || lateS > kTooLateS) {
            first = std::max<std::int64_t>(0, static_cast<std::int64_t>(std::ceil(lateS * kSampleRateHz)));
        } else if (lateS > 0) {
            ++counters_.late;
        }
    }
    if (first >= count) return;
    const std::int64_t frame = follows ? playlist_.EndFrame() : clock_.Place(reading, start + first);
    Put(start, pcm16, count, first, frame);
}

/// Speech that later speech has overtaken goes where that says, as far as it still can.
void Receiver::PlaceOvertaken(std::int64_t start, const std::uint8_t* pcm16, int count, const Reading& reading) {
    if (playlist_.Holds(start, count)) return;
    const std::int64_t frame = playlist_.FrameFor(start);
    const std::int64_t free = static_cast<std::int64_t>(std::ceil((reading.renderS + kMarginS) * kSampleRateHz));
    const std::int64_t first = std::clamp<std::int64_t>(free - frame, 0, count);
    if (first > 0) ++counters_.late;
    if (first < count) Put(start, pcm16, count, first, frame + first);
}

/// Hand on all but the `first` samples, to be played from `frame` on.
void Receiver::Put(std::int64_t start, const std::uint8_t* pcm16, int count, std::int64_t first, std::int64_t frame) {
    const int left = count - static_cast<int>(first);
    playlist_.Add(frame, start + first, left);
    outputs_.Play(frame, pcm16 + 2 * first, left);
}

double Receiver::Advance(const Reading& reading) {
    if (hadAudio_ && !reading.hasAudio) {
        // What the output has not taken would come out of it at another time, should it go on.
        outputs_.Silence();
        playlist_.Clear();
    }
    hadAudio_ = reading.hasAudio;
    return clock_.Advance(reading, IsPlaying(reading));
}

}  // namespace avatarbridge
