"""FunASR: both of its servers' manners, its certificate, and what its messages come to."""

from __future__ import annotations

import asyncio
import ssl
import subprocess

import numpy as np
import pytest

from bridge.errors import ConfigError, ProviderError, WireError
from bridge.providers import asr
from bridge.providers.asr._funasr_turn import ENDED, Turn
from tests.fakes.funasr import KEY, FunAsrServer

pytestmark = pytest.mark.unit

SOUND = (0.3 * np.sin(np.arange(2 * 16_000) * 0.1)).astype(np.float32)


@pytest.fixture
def server():
    with FunAsrServer() as fake:
        yield fake


async def pieces(sound):
    for start in range(0, len(sound), 700):
        yield sound[start : start + 700]
        await asyncio.sleep(0.001)


def turn(url, sound=SOUND, **settings):
    async def whole():
        recogniser = asr.build("funasr", {"url": url, "answer_s": 5.0, **settings})
        return [t async for t in recogniser.stream(pieces(sound))]

    return asyncio.run(whole())


@pytest.mark.parametrize("style", ["cpp", "python"])
@pytest.mark.parametrize("pause_after", [0, 2])
def test_the_second_pass_replaces_what_was_written_along(server, style, pause_after):
    server.style, server.pause_after = style, pause_after
    *partial, final = turn(server.url)
    assert [t.text for t in partial][:2] == ["hello", "hello dear"]
    assert final.text == ("hello dear, world." if pause_after else "hello dear world.")


def test_a_server_that_found_the_end_itself_is_not_waited_for(server):
    server.style, server.pause_after, server.says_nothing_new = "python", 3, True
    assert turn(server.url)[-1].text == "hello dear world,"


def test_a_connection_lost_after_a_pause_loses_no_words_unnoticed(server):
    server.pause_after, server.drops_at_pause = 2, True
    with pytest.raises(ProviderError, match="broke off") as caught:
        turn(server.url, np.tile(SOUND, 3))
    assert caught.value.retryable


def test_all_sound_arrives_in_messages_of_60_ms(server):
    turn(server.url, np.concatenate([SOUND, SOUND[:1001]]))
    whole = np.frombuffer(server.heard[0], "<i2")
    assert np.array_equal(whole[: len(SOUND)], (SOUND * 32767).astype("<i2"))
    assert np.any(whole[len(SOUND) : len(SOUND) + 1001]) and not np.any(whole[len(SOUND) + 1001 :])
    assert server.sizes == {1920}


def test_settings_reach_the_server(server):
    turn(server.url, hotwords='{"阿里巴巴": 20}', itn=False, api_key=KEY)
    (greeting,) = server.greetings
    assert greeting["hotwords"] == '{"阿里巴巴": 20}' and greeting["itn"] is False
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_silence_is_not_sent(server):
    assert turn(server.url, np.zeros(16_000, np.float32))[-1].text == ""
    assert not server.greetings


def test_a_certificate_that_nobody_vouches_for_is_taken_where_asked(tmp_path):
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=funasr", "-days", "1"),
            *("-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"),
        ],
        check=True,
        capture_output=True,
    )
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    with FunAsrServer(tls) as fake:
        assert turn(fake.url, self_signed=True)[-1].text == "hello dear world."
        with pytest.raises(ProviderError, match="self_signed = true"):
            turn(fake.url)


@pytest.mark.parametrize("url", ["", "127.0.0.1:10095", "http://127.0.0.1", "ws://"])
def test_what_is_no_address_is_refused(url):
    with pytest.raises(ConfigError, match="no address"):
        asr.build("funasr", {"url": url})


def message(mode, text, *, final=False, name="turn"):
    return f'{{"mode": "{mode}", "text": "{text}", "is_final": {str(final).lower()}, "wav_name": "{name}"}}'


def test_chinese_is_joined_without_blanks_and_words_with():
    said = Turn()
    for text in ("你好", " 世界", "OK", "then", "", "été "):
        said.push(message("2pass-online", text), ended=False)
    assert said.text == "你好世界 OK then été"


def test_a_late_segment_of_the_python_server_is_not_the_end():
    said = Turn()
    said.push(message("2pass-online", "one", final=True), ended=False)
    said.push(message("2pass-offline", "one,", final=True), ended=True)  # sent before it knew
    assert not said.over
    said.push(message("2pass-offline", "two.", name=ENDED), ended=True)
    assert said.over and said.text == "one, two."


@pytest.mark.parametrize("wrong", ["", "[]", "{}", '{"mode": 1, "text": "a"}', '{"mode": "online"}', b"\xff\xfe"])
def test_what_is_no_message_is_refused(wrong):
    with pytest.raises(WireError):
        Turn().push(wrong, ended=False)


def test_what_the_server_says_besides_is_passed_over():
    said = Turn()
    said.push(message("something-new", "ignored"), ended=True)
    assert (said.text, said.over) == ("", False)
