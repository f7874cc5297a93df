"""Listens to a demo on loopback until it has heard a second of speech with frames under it, or a minute has passed."""

import asyncio
import sys
import urllib.request

import websockets

from bridge.wire import stream


async def main(port: int) -> None:
    """Exit status 1 by an exception if nothing is heard."""
    samples, layout, loud, frames = 0, None, False, 0
    async with asyncio.timeout(60):
        while True:
            try:
                client = await websockets.connect(f"ws://127.0.0.1:{port}/ws/stream")
                break
            except OSError:
                await asyncio.sleep(0.5)
        async with client:
            await asyncio.to_thread(say, port)
            async for data in client:
                message = stream.decode(data, layout)
                if isinstance(message, stream.LayoutMessage):
                    layout = message.layout
                elif isinstance(message, stream.FramesMessage):
                    frames += len(message.frames)
                elif isinstance(message, stream.AudioMessage):
                    samples += len(message.pcm16)
                    loud = loud or int(abs(message.pcm16).max()) > 2000
                if samples > 24_000 and loud and frames > 60:
                    break
    print(f"heard {samples / 24_000:.1f} s with {frames} frames")


def say(port: int) -> None:
    """Ask for a sentence."""
    body = b'{"text": "This is a sentence that is long enough to be heard."}'
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api/say", body, {"Content-Type": "application/json"})
    urllib.request.urlopen(request).close()


def read(port: int, path: str) -> None:
    """Fetch what a page needs."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
        print(f"{path}: {len(answer.read())} bytes")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
    for needed in ("/", "/stage", "/avatar/default.glb"):
        read(int(sys.argv[1]), needed)
