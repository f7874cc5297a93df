"""Providers from outside the package, by dotted path: the very examples of docs/providers.md, cut out and run."""

from __future__ import annotations

import asyncio
import re
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from bridge.dialogue import Message, TextDelta
from bridge.errors import ConfigError, InputError, ProviderError
from bridge.providers import llm, tts
from tests.fakes.baidu import CHARACTER_S, KEYS, Baidu

pytestmark = pytest.mark.contract

PAGE = Path(__file__).parents[2] / "docs" / "providers.md"
EXAMPLES = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)


@pytest.fixture(autouse=True)
def clouds(tmp_path, monkeypatch):
    """A folder on Python's path with the page's examples in a package."""
    folder = tmp_path / "my_clouds"
    folder.mkdir()
    for name, source in zip(("baidu", "parrot"), EXAMPLES, strict=True):
        (folder / f"{name}.py").write_text(source, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    for name in [name for name in sys.modules if name.startswith("my_clouds")]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def server():
    with Baidu() as running:
        yield running


@pytest.fixture
def fake(server):
    server.fault, server.hung_up, server.token = "", 0, ""
    server.texts.clear()
    server.requests.clear()
    return server


def settings(fake, **more):
    keys = dict(zip(("api_key", "secret_key"), KEYS, strict=True))
    return {"url": f"{fake.url}/text2audio", "token_url": f"{fake.url}/oauth/2.0/token"} | keys | more


def said(fake, *texts, **more):
    """The sound of each text, said one after the other by one voice."""

    async def whole():
        voice = tts.build("my_clouds.baidu", settings(fake, **more))
        try:
            sounds = []
            for text in texts:
                pieces = [piece async for piece in voice.stream(text)]
                assert {piece.sample_rate_hz for piece in pieces} == {24_000}
                sounds.append(np.concatenate([piece.samples for piece in pieces]))
            return sounds
        finally:
            await voice.aclose()
            await voice.aclose()

    return asyncio.run(whole())


def refused(fake, text="你好", **more):
    with pytest.raises(ProviderError) as error:
        said(fake, text, **more)
    sentence = str(error.value)
    assert sentence.startswith("Baidu ") and sentence.endswith(".") and not any(key in sentence for key in KEYS)
    return error.value


def test_it_speaks_at_24_khz(fake):
    [sound] = said(fake, "你好，世界！")
    assert len(sound) == pytest.approx(6 * CHARACTER_S * 24_000, abs=2)
    assert sound.dtype == np.float32 and 0.2 < np.abs(sound).max() < 0.3
    spectrum = np.abs(np.fft.rfft(sound))
    assert np.argmax(spectrum) * 24_000 / len(sound) == pytest.approx(440, abs=2)


def test_a_text_arrives_as_it_is_and_the_token_is_kept(fake):
    texts = ["100% & a+b = c?", "再见"]
    said(fake, *texts)
    assert fake.texts == texts
    assert [request.url.path for request in fake.requests].count("/oauth/2.0/token") == 1


def test_nothing_to_say_is_refused_before_anything_is_sent(fake):
    with pytest.raises(InputError):
        said(fake, "...")
    assert fake.requests == []


def test_wrong_keys_are_one_sentence(fake):
    assert "unknown client id" in str(refused(fake, secret_key="wrong"))


def test_an_error_that_comes_with_status_200_is_one_sentence(fake):
    assert "Input param error" in str(refused(fake, "长" * 600))


@pytest.mark.parametrize(
    ("fault", "says"),
    [("401", "status 401"), ("429", "wait 7 s"), ("500", "status 500"), ("stall", "sent nothing for 0.3 s")],
)
def test_a_service_that_refuses_is_one_sentence(fake, fault, says):
    fake.fault = fault
    assert (says if fault != "401" else "refused") in str(refused(fake, patience_s=0.3))


@pytest.mark.parametrize(("fault", "says"), [("hang", "sent nothing for 0.3 s"), ("cut", "broke off")])
def test_a_sentence_that_breaks_off_is_one_sentence(fake, fault, says):
    fake.fault = fault
    assert says in str(refused(fake, patience_s=0.3))


def wait_for(happened):
    while not happened():  # the timeout of the test is the limit
        time.sleep(0.005)


def test_closing_early_hangs_up(fake):
    async def stop():
        voice = tts.build("my_clouds.baidu", settings(fake))
        stream = voice.stream("很" * 400)
        await anext(stream)
        await stream.aclose()
        await asyncio.to_thread(wait_for, lambda: fake.hung_up)  # the voice is still open: the sentence was given up
        await voice.aclose()

    asyncio.run(stop())
    assert fake.hung_up == 1


def test_keys_are_asked_for_and_settings_are_checked(fake, monkeypatch):
    monkeypatch.delenv("BAIDU_API_KEY", raising=False)
    monkeypatch.delenv("BAIDU_SECRET_KEY", raising=False)
    with pytest.raises(ConfigError, match="BAIDU_SECRET_KEY"):
        tts.build("my_clouds.baidu", {})
    with pytest.raises(ConfigError, match="it has api_key, secret_key, speaker"):
        tts.build("my_clouds.baidu", {"volume": 5})
    with pytest.raises(ConfigError, match="'speaker'"):
        tts.build("my_clouds.baidu", {"speaker": "Anna"})


def test_the_small_language_model_answers():
    async def ask():
        model = llm.build("my_clouds.parrot", {"times": 2})
        return [delta async for delta in model.stream((Message("user", "Hello there"),))]

    assert asyncio.run(ask()) == [TextDelta("Hello "), TextDelta("there "), TextDelta("Hello "), TextDelta("there ")]
