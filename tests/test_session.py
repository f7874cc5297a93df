"""A session on a clock that the test turns: what it promises about lines, stops, epochs and listeners."""

from __future__ import annotations

import numpy as np
import pytest

from bridge.errors import InputError
from bridge.layers.speech import EASE_OUT_FRAMES
from bridge.playout import LEAD_FRAMES, START_FRAMES
from bridge.providers.tts import espeak
from bridge.session import RECEIVER_BUFFER_FRAMES
from bridge.speaking import Line, only
from bridge.streams import Client
from bridge.teller import QUEUE_LINES
from bridge.timebase import SAMPLE_RATE_HZ, SAMPLES_PER_FRAME, Timeline, frame_to_ns
from bridge.wire import stream
from tests.fakes.stage import JAW, PIECE_FRAMES, WORD_S, HummingVoices, on_stage

pytestmark = pytest.mark.law


def test_a_listener_gets_the_layout_first_and_then_idle_to_the_lead():
    async def scene(stage):
        await stage.settle()
        layout, *frames = stage.messages
        assert isinstance(layout, stream.LayoutMessage) and layout.primary and layout.due_index == 0
        assert all(isinstance(m, stream.FramesMessage) for m in frames)
        assert frames[-1].frames.first_index + len(frames[-1].frames) == LEAD_FRAMES

    on_stage(scene)


def test_a_line_is_heard_whole_in_order_and_on_the_frame_grid():
    async def scene(stage):
        await stage.settle()
        utterance, epoch = stage.session.say(Line("one two three. four"))
        await stage.settle()
        await stage.advance(120)
        audio = stage.of(stream.AudioMessage)
        assert audio[0].start_sample == START_FRAMES * SAMPLES_PER_FRAME
        assert all(m.start_sample % SAMPLES_PER_FRAME == 0 and m.epoch == epoch for m in audio)
        ends = [m.start_sample + len(m.pcm16) for m in audio]
        assert [m.start_sample for m in audio[1:]] == ends[:-1], "a gap or an overlap"
        assert sum(len(m.pcm16) for m in audio) == 4 * PIECE_FRAMES * SAMPLES_PER_FRAME
        captions = [m.fields for m in stage.of(stream.EventMessage) if m.name == "caption"]
        assert [c["text"] for c in captions] == ["one two three.", "four"]
        assert captions[0]["end_sample"] == captions[1]["start_sample"]
        assert stage.names()[0] == "state" and stage.names()[-2:] == ["stopped", "state"]
        assert stage.session.state == "idle" and utterance == 1

    on_stage(scene)


def captions(stage):
    return [m.fields for m in stage.of(stream.EventMessage) if m.name == "caption"]


def test_a_caption_tells_when_each_word_is_heard():
    async def scene(stage):
        await stage.settle()
        stage.session.say(Line("one, two three. four"))
        await stage.settle()
        await stage.advance(120)
        piece, word = PIECE_FRAMES * SAMPLES_PER_FRAME, round(WORD_S * SAMPLE_RATE_HZ)
        first = captions(stage)[0]["start_sample"]
        told = [caption["words"] for caption in captions(stage)]
        assert [[text for _, _, text in words] for words in told] == [["one, ", "two ", "three."], ["four"]]
        spans = [(start, end) for words in told for start, end, _ in words]
        assert spans == [(first + i * piece, first + i * piece + word) for i in range(4)]

    on_stage(scene, HummingVoices(tells=True))


def test_a_voice_that_tells_no_words_has_captions_without():
    async def scene(stage):
        await stage.settle()
        stage.session.say(Line("one two"))
        await stage.settle()
        await stage.advance(60)
        assert [set(caption) for caption in captions(stage)] == [{"utterance", "text", "start_sample", "end_sample"}]

    on_stage(scene)


def test_a_stop_cuts_what_was_heard_after_the_last_word_that_was_over():
    text = "Well, the museum of clocks is open from nine to five today. Come and see us."
    pytest.importorskip("espeakng_loader")
    voice = espeak.build(espeak.Options())

    class Voices:
        def of(self, line):
            return voice

    async def scene(stage):
        await stage.settle()
        for played_s in (0.0, 0.5, 0.9, 1.7, 3.1, 4.4):
            endings = []
            stage.messages.clear()
            stage.session.recite(only(Line(text)), ended=endings.append)
            await stage.settle()
            for _ in range(12 + int(played_s * 60)):
                await stage.advance(1)
            told = captions(stage)
            heard = told[0]["start_sample"] + round(played_s * SAMPLE_RATE_HZ)
            stage.session.heard(stage.client, stream.Played(stage.session.epoch, heard))
            stage.session.stop()
            words = [word for caption in told for word in caption["words"]]
            over = "".join(f"{word} " if word[-1] == "." else word for _, end, word in words if end <= heard)
            assert [ending.heard for ending in endings] == [over.strip()], played_s
            assert not endings[0].complete
            await stage.advance(30)
        await voice.aclose()

    on_stage(scene, Voices())


def test_after_a_stop_nothing_of_the_old_epoch_leaves_and_the_mouth_is_shut_in_time():
    async def scene(stage):
        stage.session.say(Line("one two three four five six"))
        await stage.settle()
        await stage.advance(30)
        stage.messages.clear()
        due = stage.session.due_index
        epoch = stage.session.stop()
        await stage.settle()
        await stage.advance(60)
        assert {m.epoch for m in stage.messages} == {epoch} == {1}
        assert not stage.of(stream.AudioMessage)
        frames = stage.of(stream.FramesMessage)
        first = frames[0].frames.first_index
        assert first == due - RECEIVER_BUFFER_FRAMES, "the frame that a receiver is showing"
        jaw = np.concatenate([m.frames.curves[:, JAW] for m in frames])
        assert jaw[0] > 0.5 and (jaw[EASE_OUT_FRAMES:] < 0.06).all()
        assert EASE_OUT_FRAMES / 60 <= 0.150

    on_stage(scene)


def test_a_stop_cancels_the_voice_and_drops_what_waits():
    async def scene(stage):
        stage.session.say(Line("one wait"))
        stage.session.say(Line("never said"))
        await stage.settle()
        stage.session.stop()
        await stage.settle()
        assert stage.voices.cancelled == 1 and stage.session.waiting_lines == 0
        stage.messages.clear()
        stage.session.say(Line("again"))
        await stage.advance(60)
        assert sum(len(m.pcm16) for m in stage.of(stream.AudioMessage)) == PIECE_FRAMES * SAMPLES_PER_FRAME

    on_stage(scene)


def test_a_voice_that_swallows_its_cancellation_is_not_heard_after_a_stop():
    async def scene(stage):
        stage.session.say(Line("deaf and then many more words"))
        await stage.settle()
        stage.session.stop()
        await stage.advance(60)
        assert not stage.of(stream.AudioMessage) and stage.session.state == "idle"

    on_stage(scene)


@pytest.mark.parametrize(("word", "sentence"), [("break", "The voice broke off."), ("crash", "an error in the bridge")])
def test_a_line_that_fails_is_told_and_the_next_is_said(word, sentence):
    async def scene(stage):
        stage.session.say(Line(f"one {word}", emotion="sad"))
        stage.session.say(Line("two"))
        await stage.settle()
        await stage.advance(90)
        errors = [m.fields["error"] for m in stage.of(stream.EventMessage) if "error" in m.fields]
        assert len(errors) == 1 and sentence in errors[0]
        assert stage.session.counters.failures == 1 and stage.session.utterances == 1
        assert stage.names().count("stopped") == 2 and stage.session.emotion == "neutral"
        heard = sum(len(m.pcm16) for m in stage.of(stream.AudioMessage))
        assert heard >= PIECE_FRAMES * SAMPLES_PER_FRAME and stage.session.state == "idle"

    on_stage(scene)


def test_what_was_heard_is_the_primarys_word_while_it_is_fresh():
    async def scene(stage):
        await stage.advance(60)
        other = Client("arkit")
        stage.session.listen(other)
        stage.session.heard(other, stream.Played(0, 77))
        paced = (stage.session.due_index - RECEIVER_BUFFER_FRAMES) * SAMPLES_PER_FRAME
        assert stage.session.heard_sample == paced, "not the primary one"
        stage.session.heard(stage.client, stream.Played(0, 4321))
        assert stage.session.heard_sample == 4321
        stage.session.heard(stage.client, stream.Played(9, 5000))
        assert stage.session.heard_sample == 4321, "another epoch"
        await stage.advance(30)
        assert stage.session.heard_sample > 4321, "stale"

    on_stage(scene)


def test_without_a_receivers_word_the_loudspeakers_count_is_what_was_heard():
    async def scene(stage):
        await stage.advance(60)
        stage.session.loudspeaker = Timeline(stage.session.timeline.origin_ns + 250_000_000)
        due = stage.session.due_index
        late = SAMPLE_RATE_HZ // 4
        assert stage.session.heard_sample == pytest.approx(due * SAMPLES_PER_FRAME - late, abs=1)
        stage.session.heard(stage.client, stream.Played(0, 4321))
        assert stage.session.heard_sample == 4321, "the primary's word comes first"

    on_stage(scene)


def test_a_client_that_does_not_read_starts_anew_with_a_layout():
    async def scene(stage):
        slow = Client("arkit")
        stage.session.listen(slow)
        for _ in range(400):
            stage.clock.ns += frame_to_ns(3) + 1
            stage.session.tick()
            while stage.client._queue:
                await stage.client.next()
        assert slow.resyncs >= 1
        first = stream.decode(await slow.next(), stage.layout)
        assert isinstance(first, stream.LayoutMessage)
        assert stage.session.due_index - first.due_index < 3 * 250

    on_stage(scene)


def test_the_first_client_is_primary_until_it_goes_or_another_asks():
    async def scene(stage):
        second, third = Client("arkit"), Client("arkit", wants_primary=True)
        stage.session.listen(second)
        assert stage.session.streams.primary is stage.client
        stage.session.listen(third)
        assert stage.session.streams.primary is third
        stage.session.leave(third)
        assert stage.session.streams.primary is stage.client
        stage.session.leave(stage.client)
        assert stage.session.streams.primary is second
        await stage.settle()
        told = [m.fields["primary"] for m in stage.of(stream.EventMessage) if m.name == "primary"]
        assert told == [False, True]

    on_stage(scene)


def test_too_many_lines_are_refused():
    async def scene(stage):
        stage.session.say(Line("wait"))
        await stage.settle()
        for _ in range(QUEUE_LINES):
            stage.session.say(Line("one"))
        with pytest.raises(InputError, match="wait to be said"):
            stage.session.say(Line("one too many"))

    on_stage(scene)


def test_an_emotion_comes_with_its_line_and_goes_with_it():
    async def scene(stage):
        stage.session.say(Line("one two", emotion="happy"))
        await stage.settle()
        await stage.advance(90)
        told = [m.fields["emotion"] for m in stage.of(stream.EventMessage) if m.name == "emotion"]
        assert told == ["happy", "neutral"]

    on_stage(scene)


def test_a_client_that_plays_nothing_gets_no_audio():
    async def scene(stage):
        silent = Client("arkit", audio=False)
        stage.session.listen(silent)
        stage.session.say(Line("one"))
        await stage.settle()
        got = [stream.decode(await silent.next(), stage.layout) for _ in range(len(silent._queue))]
        assert [m for m in got if isinstance(m, stream.FramesMessage)]
        assert not [m for m in got if isinstance(m, stream.AudioMessage)]

    on_stage(scene)


def test_what_is_held_by_hand_is_seen_from_the_frame_that_is_being_shown():
    async def scene(stage):
        await stage.advance(30)
        stage.messages.clear()
        due = stage.session.due_index
        stage.session.hold("jawOpen", 0.8)
        await stage.settle()
        first, *_ = frames = stage.of(stream.FramesMessage)
        assert first.frames.first_index == due - RECEIVER_BUFFER_FRAMES
        assert sum(len(m.frames) for m in frames) == RECEIVER_BUFFER_FRAMES + LEAD_FRAMES
        jaw = np.concatenate([m.frames.curves[:, JAW] for m in frames])
        np.testing.assert_allclose(jaw, 0.8, atol=0.004)
        stage.messages.clear()
        stage.session.hold("jawOpen", None)
        await stage.advance(1)
        assert (stage.of(stream.FramesMessage)[0].frames.curves[:, JAW] < 0.1).all()

    on_stage(scene)


def test_a_flood_of_changes_renders_at_most_once_a_frame_and_shows_the_last():
    async def scene(stage):
        await stage.advance(30)
        before = stage.session.counters.frames
        for value in range(500):
            stage.session.hold("jawOpen", value / 500)
            stage.session.tick()
        assert stage.session.counters.frames - before <= RECEIVER_BUFFER_FRAMES + LEAD_FRAMES
        await stage.advance(2)
        last = stage.of(stream.FramesMessage)[-1].frames.curves[-1, JAW]
        assert abs(last - 499 / 500) < 0.005

    on_stage(scene)


def test_speech_is_heard_once_though_its_frames_are_rendered_again():
    async def scene(stage):
        stage.session.say(Line("one two three"))
        await stage.settle()
        for _ in range(60):
            stage.session.hold("browInnerUp", stage.session.due_index % 10 / 10)
            await stage.advance(1)
        audio = stage.of(stream.AudioMessage)
        assert sum(len(m.pcm16) for m in audio) == 3 * PIECE_FRAMES * SAMPLES_PER_FRAME
        assert [m.start_sample for m in audio[1:]] == [m.start_sample + len(m.pcm16) for m in audio[:-1]]

    on_stage(scene)


def test_after_a_line_with_an_emotion_of_its_own_the_mood_comes_back():
    async def scene(stage):
        await stage.settle()
        stage.session.set_mood("content", 0.5)
        stage.session.say(Line("one two", emotion="happy"))
        await stage.settle()
        stage.session.set_mood("sad", 0.7)
        await stage.advance(90)
        stage.session.say(Line("one two three four five six", emotion="angry"))
        await stage.settle()
        await stage.advance(20)
        stage.session.stop()
        await stage.settle()
        told = [
            (m.fields["emotion"], m.fields["intensity"]) for m in stage.of(stream.EventMessage) if m.name == "emotion"
        ]
        assert told == [("content", 0.5), ("happy", 1.0), ("sad", 0.7), ("angry", 1.0), ("sad", 0.7)]
        assert stage.session.emotion == "sad"

    on_stage(scene)


def test_watchers_are_told_of_every_change_of_state_and_keep_a_subject_alive():
    async def scene(stage):
        seen = []
        stage.session.watchers.add(lambda: seen.append(stage.session.state))
        stage.session.say(Line("one"))
        await stage.settle()
        await stage.advance(60)
        assert seen[0] == "idle" and "speaking" in seen and seen[-1] == "idle"
        stage.session.leave(stage.client)
        stage.clock.ns += frame_to_ns(60 * 3600)
        assert stage.session.idle_s == 0

    on_stage(scene)
