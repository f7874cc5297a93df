#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "FrameBuffer.h"
#include "FrameClock.h"
#include "Playlist.h"
#include "Wire.h"

namespace avatarbridge {

/// What the receiver asks of the engine around it.
class Outputs {
public:
    virtual ~Outputs() = default;
    /// Play samples, 16 bit little-endian, with the first at frame `outputFrame` of the audio output.
    virtual void Play(std::int64_t outputFrame, const std::uint8_t* pcm16, int count) = 0;
    /// Silence all that was given to `Play`, within ten milliseconds.
    virtual void Silence() = 0;
    /// Frames and the pose are laid out anew.
    virtual void LaidOut(const Layout& layout) = 0;
    virtual void Happened(const Event& event) = 0;
    /// To the bridge: all samples before `sample` were heard.
    virtual void Played(std::uint32_t epoch, std::int64_t sample) = 0;
};

/// Counts since the beginning.
struct Counters {
    std::int64_t messages = 0;
    std::int64_t frames = 0;
    std::int64_t stale = 0;      ///< Messages of a past epoch, skipped.
    std::int64_t malformed = 0;  ///< Messages that break the format.
    std::int64_t underruns = 0;  ///< Pictures that found no frame as new as the time to be shown.
    std::int64_t late = 0;       ///< Stretches of speech that came too late for their place on the timeline.
};

/// One client of the stream, without sockets, sound or pictures: messages and readings of the clocks go in; what is to be
/// shown, played and reported comes out. One thread. Between layouts, `Receive` of frames and `Show` allocate nothing.
class Receiver {
public:
    explicit Receiver(Outputs& outputs, double bufferS = 0.1);

    /// A new connection: the bridge may be another one, so nothing of the last is kept but the picture.
    void Connected();
    /// Take a message. One that breaks the format is counted and otherwise ignored.
    void Receive(const std::uint8_t* data, std::size_t length, const Reading& reading);
    /// Make `CurrentPose` what is to be shown now; it stays as it is while nothing is due.
    void Show(const Reading& reading);
    /// Tell the bridge what has been heard, if that is news. To be called ten times a second.
    void Report(const Reading& reading);

    const Pose& CurrentPose() const { return pose_; }
    /// The time shown last, in seconds on the subject's timeline; NaN before the first frame.
    double ShownTimeS() const { return shownS_; }
    /// Whether speech is being heard, or is placed to be.
    bool IsPlaying(const Reading& reading) const { return reading.hasAudio && playlist_.IsPlaying(reading.heardS); }
    std::uint32_t Epoch() const { return epoch_; }
    /// Null before the first layout.
    const Layout* CurrentLayout() const { return layout_ ? &*layout_ : nullptr; }
    const Playlist& Placed() const { return playlist_; }
    const Counters& Counts() const { return counters_; }
    /// What was wrong with the last message that broke the format, or null.
    const char* LastFault() const { return lastFault_; }

private:
    struct Waiting {
        std::int64_t start;
        std::vector<std::uint8_t> pcm16;
    };

    void Begin(std::uint32_t epoch, const Reading& reading);
    void Take(Message& message, const Reading& reading);
    void LayOut(Layout&& layout, const Reading& reading);
    void TakeAudio(const Message& message, const Reading& reading);
    void PlaceWaiting(const Reading& reading);
    void Place(std::int64_t start, const std::uint8_t* pcm16, int count, const Reading& reading, bool isBacklog);
    void PlaceOvertaken(std::int64_t start, const std::uint8_t* pcm16, int count, const Reading& reading);
    void Put(std::int64_t start, const std::uint8_t* pcm16, int count, std::int64_t first, std::int64_t frame);
    double Advance(const Reading& reading);

    Outputs& outputs_;
    double bufferS_;
    FrameClock clock_;
    Playlist playlist_;
    Counters counters_;
    std::optional<Layout> layout_;
    std::unique_ptr<FrameBuffer> buffer_;
    Pose pose_;
    std::vector<Waiting> waiting_;
    bool isBacklog_ = false;
    bool hadAudio_ = false;
    std::uint32_t epoch_ = 0;
    std::int64_t speechEnd_ = -1;
    std::int64_t reported_ = -1;
    double shownS_;
    const char* lastFault_ = nullptr;
};

}  // namespace avatarbridge
