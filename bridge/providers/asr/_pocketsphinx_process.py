"""The other side of `_pocketsphinx_worker`: the process as an object. Everything here blocks; see each for how long."""

from __future__ import annotations

import contextlib
import json
import threading
from typing import Any, Final

from bridge.errors import ConfigError, ProviderError
from bridge.providers._child import Child
from bridge.providers.asr import _pocketsphinx_worker as worker

_HANGS_S: Final = 60.0


class Process(Child):
    """A decoder, loading when this returns. One recording at a time, whoever asks."""

    def __init__(self, phrases: list[str]) -> None:
        self._lock = threading.Lock()
        self._ready = False
        # -P: the folder of the worker has files named as the packages it needs.
        super().__init__("-P", worker.__file__)
        with contextlib.suppress(OSError):  # it died at once, which the first answer will show
            worker.send(self._requests, json.dumps(phrases).encode())

    def wait(self) -> None:
        """Until it has loaded, about a second. Raises ConfigError for phrases it can't hear, ProviderError."""
        with self._lock:
            self._load()

    def recognise(self, pcm: bytes, given_up: threading.Event) -> tuple[str, float]:
        """Text and confidence of 16-bit mono at 16 kHz: a third of its length or less. Empty once it is given up.

        Raises ProviderError where the process dies or hangs; then `alive` turns false.
        """
        with self._lock:
            self._load()
            if given_up.is_set():
                return "", 0.0
            answer = self._exchange(pcm)
            return str(answer["text"]), float(answer["confidence"])

    def _close(self) -> None:
        with self._lock:  # whoever reads has got an end of file by now
            super()._close()

    def _load(self) -> None:
        if not self._ready:
            answer = self._exchange(None)
            if "error" in answer:
                raise ConfigError(f"The pocketsphinx recogniser did not start: {answer['error']}.")
            self._ready = True

    def _exchange(self, pcm: bytes | None) -> dict[str, Any]:
        hangs = threading.Timer(_HANGS_S, self._child.kill)
        hangs.daemon = True
        hangs.start()
        try:
            if pcm is not None:
                worker.send(self._requests, pcm)
            answer: dict[str, Any] = json.loads(worker.receive(self._replies))
            return answer
        except (EOFError, OSError, ValueError):  # ValueError: the pipes were closed
            raise ProviderError(
                "The pocketsphinx recogniser died; the next turn starts it anew.", retryable=True
            ) from None
        finally:
            hangs.cancel()
