"""Who may use the server: the token, the cookie that pages exchange it for, and the origins of browsers.

On loopback no token is needed, but a browser on this machine visits foreign pages too. A request that carries an
`Origin` is served only if that is the server's own or one the settings name, and the `Host` must be a name of this
machine, so that no foreign name can be pointed at it (DNS rebinding).
"""

from __future__ import annotations

import hmac
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from starlette.requests import cookie_parser
from starlette.responses import JSONResponse

from bridge.config import ServerSettings, is_loopback

COOKIE: Final = "avatar_bridge"
OPEN_PATHS: Final = ("/healthz",)

Scope = dict[str, Any]


class Access:
    """ASGI middleware before everything else."""

    def __init__(self, app: Any, settings: ServerSettings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Pass a permitted request on; answer the others with one sentence."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]}
        if refusal := self._foreign(headers):
            await _refuse(scope, receive, send, 403, refusal)
        elif self._settings.token and scope["path"] not in OPEN_PATHS and not self._knows_token(scope, headers):
            await _refuse(scope, receive, send, 401, "This bridge wants its token: send it as 'Authorization: Bearer'.")
        elif scope["type"] == "http" and self._settings.token and "token=" in scope["query_string"].decode("latin-1"):
            await self._exchange(scope, send)
        else:
            await self._app(scope, receive, send)

    def _foreign(self, headers: dict[str, str]) -> str:
        """Why a browser's request may not be served, or nothing."""
        host, origin = headers.get("host", ""), headers.get("origin", "")
        try:
            name, page = urlsplit(f"//{host}").hostname or "", urlsplit(origin).netloc
        except ValueError:  # such as a bracket that nothing closes
            return "The 'Host' or the 'Origin' of this request is no address."
        if is_loopback(self._settings.host) and not is_loopback(name):
            return f"This bridge is not called '{name}'."
        if not origin or origin in self._settings.origins or page == host:
            return ""
        return f"Pages of {origin} may not use this bridge; add it to 'origins' in bridge.toml if they should."

    def _knows_token(self, scope: Scope, headers: dict[str, str]) -> bool:
        query = dict(parse_qsl(scope["query_string"].decode("latin-1")))
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        told = [
            bearer if scheme.lower() == "bearer" else "",
            query.get("token", "") if scope["type"] == "websocket" or scope["method"] == "GET" else "",
            # Cookies of other programs on this host come along, whatever they hold.
            cookie_parser(headers.get("cookie", "")).get(COOKIE, ""),
        ]
        return any(hmac.compare_digest(t.encode(), self._settings.token.encode()) for t in told)

    async def _exchange(self, scope: Scope, send: Any) -> None:
        """Give a page that came with `?token=` a cookie, and send it to the same address without the token."""
        query = [(k, v) for k, v in parse_qsl(scope["query_string"].decode("latin-1")) if k != "token"]
        target = quote(scope["path"]) + (f"?{urlencode(query)}" if query else "")
        secure = "; Secure" if self._settings.tls_cert else ""
        cookie = f"{COOKIE}={self._settings.token}; HttpOnly; SameSite=Strict; Path=/{secure}"
        headers = [(b"location", target.encode("latin-1")), (b"set-cookie", cookie.encode("latin-1"))]
        await send({"type": "http.response.start", "status": 303, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


async def _refuse(scope: Scope, receive: Any, send: Any, status: int, sentence: str) -> None:
    response = JSONResponse({"error": sentence}, status)
    if scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008, "reason": sentence})
        return
    await response(scope, receive, send)
