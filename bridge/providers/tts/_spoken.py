"""From a sound's bytes, as they come, to speech; a voice that keeps one waiting too long is given up."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from bridge.errors import WireError
from bridge.providers._failures import Failures
from bridge.providers.tts._decode import Decoder
from bridge.providers.tts._service import Waits, next_piece, without_sound
from bridge.types import Speech


async def spoken(
    sound: AsyncGenerator[bytes, None], decoder: Decoder, waits: Waits, failures: Failures
) -> AsyncGenerator[Speech, None]:
    """The speech that `sound` holds. Raises ProviderError where it stalls, is broken or holds none."""
    patience = waits.connect_s + waits.first_sound_s
    sounded = False
    try:
        async with aclosing(sound):
            while (data := await next_piece(sound, patience, failures)) is not None:
                samples = decoder.push(data)
                if len(samples):
                    sounded, patience = True, waits.stall_s
                    yield Speech(samples)
        samples = decoder.flush()
    except WireError as error:
        raise failures.malformed(error) from None
    if len(samples):
        yield Speech(samples)
    elif not sounded:
        raise without_sound(failures)
