"""Who is let in: hosts, origins, tokens and the cookie that pages exchange them for."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from bridge.bridge import Bridge
from bridge.config import ServerSettings, Settings, check
from bridge.errors import ConfigError
from bridge.server.access import COOKIE, Access
from bridge.server.app import create_app
from bridge.server.run import address
from bridge.speaking import Speaker
from tests.fakes.stage import HummingVoices, OpenMouth

pytestmark = pytest.mark.unit

TOKEN = "open-sesame"


async def hello(scope, receive, send):
    """The least application: it answers 200."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


def ask(
    settings: ServerSettings,
    path: str = "/api/state",
    method: str = "GET",
    base: str = "http://127.0.0.1:8765",
    **headers,
):
    async def run():
        transport = httpx.ASGITransport(Access(hello, settings))
        async with httpx.AsyncClient(transport=transport, base_url=base) as client:
            return await client.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})

    return asyncio.run(run())


LOCAL = ServerSettings()
OPEN = ServerSettings(host="0.0.0.0", token=TOKEN)


@pytest.mark.parametrize("base", ["http://127.0.0.1:8765", "http://localhost:8765", "http://[::1]:8765"])
def test_this_machine_is_let_in(base):
    assert ask(LOCAL, base=base).status_code == 200


def test_a_foreign_name_for_this_machine_is_refused():
    answer = ask(LOCAL, base="http://rebound.example:8765")
    assert answer.status_code == 403 and "rebound.example" in answer.json()["error"]


@pytest.mark.parametrize("headers", [{"host": "[x"}, {"host": "[::1"}, {"origin": "http://["}, {"origin": "//]"}])
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_a_host_or_origin_that_is_no_address_is_refused(kind, headers):
    sent = []

    async def run():
        told = {"host": "127.0.0.1:8765", **headers}
        scope = {
            **{"type": kind, "method": "GET", "path": "/api/state", "query_string": b""},
            "headers": [(key.encode(), value.encode()) for key, value in told.items()],
        }

        async def send(message):
            sent.append(message)

        await Access(hello, LOCAL)(scope, None, send)

    asyncio.run(run())
    assert sent[0].get("status") == 403 or sent[0].get("code") == 1008


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:9999", "http://localhost:8765"])
def test_pages_of_other_origins_are_refused(origin):
    assert ask(LOCAL, method="POST", origin=origin).status_code == 403


def test_the_servers_own_pages_and_named_origins_are_served():
    assert ask(LOCAL, origin="http://127.0.0.1:8765").status_code == 200
    named = ServerSettings(origins=("https://studio.example",))
    assert ask(named, origin="https://studio.example").status_code == 200


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Bearer wrong"}, {"authorization": TOKEN}, {"cookie": f"{COOKIE}=wrong"}]
)
def test_without_the_token_nothing_is_served(headers):
    answer = ask(OPEN, base="http://192.0.2.1:8765", **headers)
    assert answer.status_code == 401 and "token" in answer.json()["error"]


OTHERS = 'prefs={"a":1}; q=a b; empty'
"""Cookies that other programs of this host have set: ports share them."""


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": f"Bearer {TOKEN}"},
        {"cookie": f"{COOKIE}={TOKEN}"},
        {"cookie": f"{OTHERS}; {COOKIE}={TOKEN}"},
    ],
)
def test_with_the_token_all_is(headers):
    assert ask(OPEN, base="http://192.0.2.1:8765", **headers).status_code == 200


def test_health_needs_no_token():
    assert ask(OPEN, "/healthz", base="http://192.0.2.1:8765").status_code == 200


def test_a_page_exchanges_its_token_for_a_cookie_that_scripts_cannot_read():
    answer = ask(OPEN, f"/stage?camera=bust&token={TOKEN}", base="http://192.0.2.1:8765")
    assert answer.status_code == 303 and answer.headers["location"] == "/stage?camera=bust"
    assert "HttpOnly" in answer.headers["set-cookie"] and "SameSite=Strict" in answer.headers["set-cookie"]


@settings(max_examples=200)
@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7F), min_size=1))
@example("a+b")
@example("a&b#c%20d=")
def test_the_printed_address_lets_in_with_any_token_that_is_accepted(token):
    server = ServerSettings(host="0.0.0.0", token=token)
    try:
        check(server)
    except ConfigError:
        return
    shown = urlsplit(address(server))
    answer = ask(server, f"{shown.path}?{shown.query}", base="http://192.0.2.1:8765")
    assert answer.status_code == 303
    cookie = answer.headers["set-cookie"].partition(";")[0]
    assert ask(server, base="http://192.0.2.1:8765", cookie=cookie).status_code == 200
    assert ask(server, base="http://192.0.2.1:8765", authorization=f"Bearer {token}").status_code == 200


def test_a_page_of_any_name_is_sent_on_from_its_token():
    answer = ask(OPEN, f"/avatars/%E6%97%A5.vrm?token={TOKEN}", base="http://192.0.2.1:8765")
    assert answer.status_code == 303 and answer.headers["location"] == "/avatars/%E6%97%A5.vrm"


def test_a_token_in_the_query_does_not_write():
    assert ask(OPEN, f"/api/stop?token={TOKEN}", method="POST", base="http://192.0.2.1:8765").status_code == 401


def test_a_websocket_may_carry_the_token_in_its_query():
    sent = []

    async def passed(scope, receive, send):
        sent.append("passed")

    async def run(query):
        scope = {
            **{"type": "websocket", "path": "/ws/stream", "query_string": query},
            "headers": [(b"host", b"192.0.2.1:8765")],
        }

        async def send(message):
            sent.append(message["type"])

        await Access(passed, OPEN)(scope, None, send)

    asyncio.run(run(f"token={TOKEN}".encode()))
    asyncio.run(run(b"token=wrong"))
    assert sent == ["passed", "websocket.close"]


STUDIO = "https://studio.example"


@pytest.fixture(params=["", TOKEN])
def named(request, tmp_path, monkeypatch):
    """The whole application, with STUDIO among its origins, and its token."""
    monkeypatch.setenv("AVATAR_BRIDGE_HOME", str(tmp_path))
    settings = Settings(server=ServerSettings(origins=(STUDIO,), token=request.param))
    bridge = Bridge(settings, speaker=Speaker(HummingVoices(), lambda _: OpenMouth()))
    with TestClient(create_app(bridge), headers={"Host": "127.0.0.1:8765"}) as client:
        yield client, request.param


def preflight(client, origin, method):
    wanted = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": "authorization, content-type"}
    return client.options("/api/say", headers={"Origin": origin, **wanted})


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_a_page_of_a_named_origin_may_ask_what_it_likes_and_read_the_answer(named, method):
    client, token = named
    allowed = preflight(client, STUDIO, method)
    assert allowed.status_code == 200 and allowed.headers["Access-Control-Allow-Origin"] == STUDIO
    assert method in allowed.headers["Access-Control-Allow-Methods"]
    for header in ("authorization", "content-type"):
        assert header in allowed.headers["Access-Control-Allow-Headers"]
    headers = {"Origin": STUDIO, "Authorization": f"Bearer {token}"}
    said = client.post("/api/say", json={"text": "Hello."}, headers=headers)
    assert said.status_code == 202 and said.headers["Access-Control-Allow-Origin"] == STUDIO


def test_a_named_origin_needs_the_token_all_the_same(named):
    client, token = named
    answer = client.post("/api/say", json={"text": "Hello."}, headers={"Origin": STUDIO})
    assert answer.status_code == (401 if token else 202)
    assert answer.headers["Access-Control-Allow-Origin"] == STUDIO, "its page can read why"


def test_other_origins_are_refused_beside_a_named_one(named):
    client, token = named
    evil = "https://evil.example"
    assert preflight(client, evil, "POST").status_code >= 400
    refused = client.post("/api/stop", headers={"Origin": evil, "Authorization": f"Bearer {token}"})
    assert refused.status_code == 403
    for answer in (refused, preflight(client, evil, "POST")):
        assert "Access-Control-Allow-Origin" not in answer.headers
