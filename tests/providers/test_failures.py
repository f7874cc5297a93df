"""The sentences for what goes wrong with services: who, what, what to do, and never the key."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from bridge.dialogue import Message
from bridge.errors import ProviderError
from bridge.providers import asr, llm
from bridge.providers._failures import Failures
from tests.fakes.chat_completions import ChatCompletions
from tests.fakes.funasr import FunAsrServer
from tests.fakes.transcriptions import KEY, Transcriptions

pytestmark = pytest.mark.unit

KNOWN = Failures("The voice", "https://ana:secret@example.org:8000/v1", "set api_key", "big", key="sk-123")


@pytest.mark.parametrize(
    ("error", "sentence", "retryable"),
    [
        (KNOWN.unreachable(), "can't be reached; is it running, and is its address right", True),
        (KNOWN.cut(), "broke off in the middle", True),
        (KNOWN.silent(0.5), "has sent nothing for 0.5 s", True),
        (KNOWN.malformed(), "sent what can't be understood; is its address right", True),
        (KNOWN.malformed("no header."), "sent what can't be understood: no header", True),
        (KNOWN.refused(401, {}, "wrong key sk-123"), "refused access (status 401); set api_key", False),
        (KNOWN.refused(404, {}, "no"), "has no such address, or no model 'big': no; check its settings", False),
        (KNOWN.refused(429, {"retry-after": "7"}), "has had too many requests; wait 7 s", True),
        (KNOWN.refused(408, {}), "failed with status 408; try again in a moment", True),
        (KNOWN.refused(503, {}, "<html>"), "failed with status 503; try again in a moment", True),
        (KNOWN.refused(400, {}), "refused the request with status 400", False),
    ],
)
def test_a_sentence_says_who_what_and_what_to_do(error, sentence, retryable):
    assert str(error) == f"The voice at example.org:8000 {sentence}." and error.retryable is retryable


def test_a_service_without_an_address_is_called_by_its_name():
    assert str(Failures("The Edge voice").cut()) == "The Edge voice broke off in the middle."


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('{"error": {"message": "Out of \\n memory. "}}', ": Out of memory"),
        ('{"detail": "No such speaker"}', ": No such speaker"),
        ('{"message": "Bad form"}', ": Bad form"),
        ('{"detail": [1]}', ': {"detail": [1]}'),
        ("plain words", ": plain words"),
        ("<html><body>404</body></html>", ""),
        ("", ""),
        ("x" * 195 + "sk-123", f": {'x' * 195}[key]"),
        ("x" * 196 + "sk-123", f": {'x' * 196}[key"),
        ("[" * 4000, f": {'[' * 200}"),
    ],
)
def test_what_a_service_says_is_told_short_and_without_the_key(body, reason):
    assert str(KNOWN.refused(400, {}, body)) == f"{KNOWN.who} refused the request with status 400{reason}."


async def hear(name, **settings):
    async def sound():
        yield np.full(16_000, 0.3, np.float32)

    return [heard async for heard in asr.build(name, settings).stream(sound())]


async def ask(**settings):
    return [delta async for delta in llm.build("openai", settings).stream((Message("user", "Hello"),))]


NESTED = "[" * 100_000
SERVICES = {
    "chat completions": (
        ChatCompletions,
        f"data: {NESTED}\n\n".encode(),
        lambda url: ask(base_url=f"{url}/v1", model="little-model"),
    ),
    "transcriptions": (
        Transcriptions,
        NESTED.encode(),
        lambda url: hear("openai", base_url=f"{url}/v1", api_key=KEY, model="little-listener"),
    ),
    "transcriptions in pieces": (
        Transcriptions,
        f"data: {NESTED}\n\n".encode(),
        lambda url: hear("openai", base_url=f"{url}/v1", api_key=KEY, model="little-listener", stream=True),
    ),
    "FunASR": (FunAsrServer, NESTED, lambda url: hear("funasr", url=url)),
}


@pytest.mark.parametrize("service", SERVICES)
def test_nonsense_nested_a_hundred_thousand_deep_is_one_sentence(service):
    fake_class, garbage, use = SERVICES[service]
    with fake_class() as fake, pytest.raises(ProviderError, match="can't be understood"):
        fake.fault, fake.garbage = "malformed", garbage
        asyncio.run(use(fake.url))
