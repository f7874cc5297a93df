"""What a page in a browser really shows and plays, seen from outside its own code.

A tap between the page's audio graph and the browser's output records every sample with the frame of the audio context
it left at. Beside it, each animation callback notes which time the page says it shows and which frame of the context
is heard then, by `getOutputTimestamp()`. The recording, found again in the speech that the bridge sent, turns frames of
the context into samples of the subject's timeline. So the page's own idea of what is heard plays no part.
"""

from __future__ import annotations

import base64
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Final

import numpy as np
from numpy.typing import NDArray
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from bridge.timebase import SAMPLE_RATE_HZ
from bridge.types import RigLayout
from bridge.wire import stream
from tools.browser import Browser

TAP: Final = """(() => {
  const processor = `registerProcessor("tap", class extends AudioWorkletProcessor {
    process([input], outputs) {
      const samples = input[0] ?? new Float32Array(128);
      for (const channel of outputs[0]) channel.set(samples);
      // Chromium's currentFrame now and then repeats or skips one block's; what differs twice has really moved.
      const frame = (this.frame ?? currentFrame) + 128;
      const drift = currentFrame - frame;
      this.frame = drift === this.drift ? currentFrame : frame;
      this.drift = drift;
      if (samples.some((value) => value !== 0)) this.port.postMessage([this.frame, samples.slice()]);
      return true;
    }
  });`;
  const tap = (window.tap = { blocks: [], seen: [], context: null });
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (to, ...rest) {
    if (!(to instanceof AudioDestinationNode)) return connect.call(this, to, ...rest);
    tap.context = this.context;
    const url = URL.createObjectURL(new Blob([processor], { type: "text/javascript" }));
    this.context.audioWorklet.addModule(url).then(() => {
      const node = new AudioWorkletNode(this.context, "tap");
      node.port.onmessage = ({ data }) => tap.blocks.push(data);
      connect.call(connect.call(this, node), to);
    });
    return to;
  };
  tap.watch = () => {
    requestAnimationFrame(tap.watch);
    const { contextTime, performanceTime } = tap.context.getOutputTimestamp();
    const heard = contextTime + (performance.now() - performanceTime) / 1000;
    tap.seen.push([performance.now() / 1000, window.avatarBridge.shownS, heard]);
  };
  tap.recording = () => {
    const first = tap.blocks[0][0];
    const last = tap.blocks.at(-1)[0] + 128;
    const samples = new Float32Array(last - first);
    for (const [frame, block] of tap.blocks) samples.set(block, frame - first);
    let text = "";
    for (const byte of new Uint8Array(samples.buffer)) text += String.fromCharCode(byte);
    return [first, btoa(text)];
  };
})()"""


@dataclass(frozen=True)
class Recording:
    """What left the page: `samples` [N], the first at frame `first_frame` of the audio context."""

    first_frame: int
    samples: NDArray[np.float32]


def tap(browser: Browser) -> None:
    """Put the tap into every page the browser opens from now on."""
    browser.call("Page.addScriptToEvaluateOnNewDocument", source=TAP)


def recording(browser: Browser) -> Recording:
    """What the page has played so far, from its first sound to its last."""
    first, text = browser.evaluate("tap.recording()")
    return Recording(first, np.frombuffer(base64.b64decode(text), "<f4"))


def callbacks(browser: Browser) -> NDArray[np.float64]:
    """[K, 3] a row an animation callback, in seconds: the page's clock, the time shown, the context time heard."""
    return np.array(browser.evaluate("tap.seen"), dtype=float)


class Listener:
    """A client of the stream that keeps all speech sent while it is open, by its place on the timeline."""

    def __init__(self, port: int) -> None:
        self._open = ExitStack()
        self._socket = self._open.enter_context(connect(f"ws://127.0.0.1:{port}/ws/stream", max_size=None))
        self._pieces: list[tuple[int, NDArray[np.int16]]] = []
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Listener:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()
        self._thread.join()

    def speech(self) -> tuple[int, NDArray[np.float32]]:
        """The first sample's place on the timeline and all samples from there on, silence between included."""
        start, end = self._pieces[0][0], self._pieces[-1][0] + len(self._pieces[-1][1])
        samples = np.zeros(end - start, np.float32)
        for at, piece in self._pieces:
            samples[at - start : at - start + len(piece)] = piece / np.float32(stream.PCM_FULL_SCALE)
        return start, samples

    def _listen(self) -> None:
        layout: RigLayout | None = None
        try:
            for data in self._socket:
                message = stream.decode(bytes(data) if isinstance(data, bytes) else data.encode(), layout)
                if isinstance(message, stream.LayoutMessage):
                    layout = message.layout
                elif isinstance(message, stream.AudioMessage) and len(message.pcm16):
                    self._pieces.append((message.start_sample, message.pcm16.copy()))
        except ConnectionClosed:
            return


def lag(recorded: Recording, sent: NDArray[np.float32]) -> tuple[int, float]:
    """Where `sent` lies in what was played, and the largest error there.

    The lag is the context frame of the first sample sent. Leading and trailing silence of `sent` may be missing.
    """
    voiced = np.flatnonzero(np.abs(sent) > 0.5 / stream.PCM_FULL_SCALE)
    heard = np.flatnonzero(recorded.samples)
    shift = heard[0] - voiced[0]
    begin, end = voiced[0], voiced[-1] + 1
    played = recorded.samples[begin + shift : end + shift]
    error = np.abs(played - sent[begin : begin + len(played)])
    whole = len(played) == end - begin
    return recorded.first_frame + int(shift), float(error.max()) if whole else float("inf")


WINDOW: Final = 96
"""Samples that tell a place in speech from all others: 4 ms."""


class Finder:
    """Where pieces of what was played lie in what was sent, however late speech has shifted them."""

    def __init__(self, start_sample: int, sent: NDArray[np.float32]) -> None:
        self._start = start_sample
        keys = _keys(sent)
        self._order = np.argsort(keys)
        self._keys = keys[self._order]

    def offsets(self, seen: NDArray[np.float64], played: Recording) -> NDArray[np.float64]:
        """[2, K] of the callbacks in which speech was heard: the page's clock, s, and shown less heard, ms."""
        keys, voiced = _keys(played.samples), _voiced(played.samples)
        at_s, offsets = [], []
        for now_s, shown_s, heard_s in seen:
            frame = heard_s * SAMPLE_RATE_HZ - played.first_frame
            whole = int(np.floor(frame)) if np.isfinite(frame) else -1
            if not 0 <= whole < len(keys) or not voiced[whole]:
                continue
            places = self._places(keys[whole])
            if len(places):
                said_s = (places + self._start + frame - whole) / SAMPLE_RATE_HZ
                at_s.append(now_s)
                offsets.append(1000 * min(shown_s - said_s, key=abs))
        return np.array([at_s, offsets])

    def _places(self, key: np.uint64) -> NDArray[np.int64]:
        """The samples of `sent` from which on the window of that key stands."""
        first, last = np.searchsorted(self._keys, key), np.searchsorted(self._keys, key, "right")
        found: NDArray[np.int64] = self._order[first:last]
        return found


def _keys(samples: NDArray[np.float32]) -> NDArray[np.uint64]:
    """[N - WINDOW + 1] a number that tells the 16-bit values of each window from those of others."""
    values = np.round(samples.astype(np.float64) * stream.PCM_FULL_SCALE).astype(np.int64).astype(np.uint64)
    weights = np.random.default_rng(5).integers(1, 1 << 62, WINDOW, dtype=np.uint64)
    keys = np.zeros(max(0, len(values) - WINDOW + 1), np.uint64)
    for k, weight in enumerate(weights):
        keys += values[k : k + len(keys)] * weight
    return keys


def _voiced(samples: NDArray[np.float32]) -> NDArray[np.bool_]:
    """[N - WINDOW + 1] whether the window from there on is loud enough to be one of a kind."""
    loud = np.concatenate([[0], np.cumsum(np.abs(samples) > 0.01)])
    enough: NDArray[np.bool_] = loud[WINDOW:] - loud[:-WINDOW] > WINDOW // 2
    return enough


def offsets_ms(seen: NDArray[np.float64], start_sample: int, first_frame: int, count: int) -> NDArray[np.float64]:
    """[K] shown less heard at each callback during which one of `count` samples was heard."""
    sample = seen[:, 2] * SAMPLE_RATE_HZ - first_frame
    inside = (sample >= 0) & (sample < count)
    heard_s = (sample + start_sample) / SAMPLE_RATE_HZ
    offsets: NDArray[np.float64] = (seen[inside, 1] - heard_s[inside]) * 1000
    return offsets
