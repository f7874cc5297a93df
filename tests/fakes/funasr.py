"""A FunASR server in its two-pass mode (github.com/modelscope/FunASR, runtime/docs/websocket_protocol.md).

It writes a word along with every 600 ms of sound, and in the end the sentence. `style` is the server copied: `cpp`
marks the last message, `python` says in the same field whether it is still spoken to, and under which name.
"""

from __future__ import annotations

import json
import ssl

import numpy as np
from websockets.asyncio.server import ServerConnection

from tests.fakes._server import WebSocketFake

KEY = "a-key-that-nobody-may-read"


class FunAsrServer(WebSocketFake):
    """Hears `words` in any sound; `pause_after` words it finds an end of its own, as its speech detector may."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls)
        self.reset()

    def reset(self) -> None:
        """As new, for the next test."""
        self.style = "cpp"
        self.words = ["hello", "dear", "world"]
        self.pause_after = 0
        self.says_nothing_new = False
        self.drops_at_pause = False
        self.fault = ""
        self.hung_up = 0
        self.requests.clear()
        self.greetings: list[dict] = []
        self.heard: list[bytes] = []
        self.sizes: set[int] = set()

    async def serve(self, connection: ServerConnection) -> None:
        greeting = json.loads(await connection.recv())
        self.greetings.append(greeting)
        valid = greeting["mode"] == "2pass" and greeting["wav_format"] == "pcm" and greeting["audio_fs"] == 16_000
        if not valid or greeting["is_speaking"] is not True or greeting["chunk_size"] != [5, 10, 5]:
            await connection.close(1007)
            return
        name, pcm, said, sure = greeting["wav_name"], b"", 0, 0
        async for message in connection:
            if isinstance(message, str):
                name = json.loads(message).get("wav_name", name) if self.style == "python" else name
                assert json.loads(message)["is_speaking"] is False
                break
            self.sizes.add(len(message))
            pcm += message
            if len(pcm) // 19_200 > said and said < len(self.words):
                said += 1
                await self._say(connection, "2pass-online", self.words[said - 1], name, last=False)
                if said == self.pause_after:
                    await self._say(connection, "2pass-offline", " ".join(self.words[:said]) + ",", name, last=False)
                    sure = said
                    if self.drops_at_pause:
                        connection.transport.abort()
        self.heard.append(pcm)
        if self.says_nothing_new and sure:
            await connection.wait_closed()
        rest = self.words[sure:] if np.any(np.frombuffer(pcm, "<i2")) else []
        await self._say(connection, "2pass-offline", " ".join(rest) + "." * bool(rest), name, last=True)
        await connection.wait_closed()

    async def _say(self, connection: ServerConnection, mode: str, text: str, name: str, *, last: bool) -> None:
        final = not last if self.style == "python" else last
        await self.send(connection, json.dumps({"mode": mode, "text": text, "wav_name": name, "is_final": final}))
