"""The FastAPI application: pages, REST and WebSockets over one `Bridge`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Annotated, Any, Final

from fastapi import FastAPI, Query, Request, Response, WebSocket
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import FileResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from bridge import __version__, resources
from bridge.bridge import Bridge
from bridge.controls import Desk
from bridge.conversations import DEFAULT_VISITOR
from bridge.dialogue import HEARING_RATE_HZ
from bridge.errors import BridgeError, DeviceError, InputError
from bridge.server import metrics
from bridge.server.access import Access
from bridge.server.chat import add_chat
from bridge.server.control import rig_fields, serve_control
from bridge.server.links import add_links, open_configured
from bridge.server.mic import serve_mic
from bridge.server.sockets import refuse
from bridge.server.streaming import serve_stream
from bridge.speaking import Line
from bridge.streams import Client
from bridge.subjects import DEFAULT_SUBJECT

DEFAULT_RIG: Final = "arkit"


class Body(BaseModel):
    """What every request's body may have; unknown keys are refused, so that a slip of the pen is heard of."""

    model_config = ConfigDict(extra="forbid")
    subject: str = DEFAULT_SUBJECT


class SayBody(Body):
    """`POST /api/say`."""

    text: str
    lang: str = ""
    emotion: str = ""
    intensity: float = Field(default=1.0, ge=0.0, le=1.0)
    voice: str = ""
    interrupt: bool = False


class RigBody(Body):
    """`PATCH /api/rig`: values by path, as `/ws/control` sets them, all or none."""

    rig: str = DEFAULT_RIG
    set: dict[str, Any]


def create_app(bridge: Bridge) -> FastAPI:
    """The application; `bridge` ends with it."""
    app = FastAPI(title="Avatar Bridge", version=__version__, docs_url=None, redoc_url=None, lifespan=_lifespan(bridge))
    app.add_middleware(Access, settings=bridge.settings.server)
    if origins := bridge.settings.server.origins:
        # Added last it comes first: when a browser asks whether a page may send something, it brings no token yet.
        app.add_middleware(CORSMiddleware, allow_origins=origins, allow_methods=["*"], allow_headers=["*"])
    _add_errors(app)
    _add_api(app, bridge)
    add_links(app, bridge)
    add_chat(app, bridge)
    _add_rig_api(app, bridge)
    _add_sockets(app, bridge)
    _add_pages(app)
    return app


def _lifespan(bridge: Bridge) -> Any:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None, None]:
        bridge.subjects.get(DEFAULT_SUBJECT)
        chores = (bridge.sweep(), open_configured(bridge), bridge.conversations.keep_house())
        tasks = [asyncio.create_task(chore) for chore in chores]
        yield
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await bridge.aclose()

    return lifespan


def _add_errors(app: FastAPI) -> None:
    """Every error is `{"error": sentence}`."""

    @app.exception_handler(BridgeError)
    async def refused(_: Request, error: BridgeError) -> JSONResponse:
        # What the client sent may stand in the sentence, and need not be whole Unicode.
        sentence = str(error).encode("utf-8", "replace").decode()
        return JSONResponse({"error": sentence}, 503 if isinstance(error, DeviceError) else 400)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part != "body")
        return JSONResponse({"error": f"{where or 'The body'}: {first['msg']}."}, 422)

    @app.exception_handler(HTTPException)
    async def missing(_: Request, error: HTTPException) -> JSONResponse:
        return JSONResponse({"error": str(error.detail)}, error.status_code)


def _add_api(app: FastAPI, bridge: Bridge) -> None:
    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok", "version": __version__}

    @app.get("/metrics")
    async def get_metrics() -> Response:
        return Response(metrics.exposition(bridge.subjects), media_type="text/plain; version=0.0.4; charset=utf-8")

    @app.post("/api/say", status_code=202)
    async def say(body: SayBody) -> dict[str, int]:
        line = Line(body.text, body.lang, body.emotion, body.intensity, body.voice)
        checked = await asyncio.to_thread(bridge.speaker.check, line)
        utterance, epoch = bridge.subjects.get(body.subject).say(checked, interrupt=body.interrupt)
        return {"utterance": utterance, "epoch": epoch}

    @app.post("/api/stop")
    async def stop(body: Body | None = None) -> dict[str, int]:
        return {"epoch": bridge.subjects.get(body.subject if body else DEFAULT_SUBJECT).stop()}

    @app.get("/api/state")
    async def state(subject: str = DEFAULT_SUBJECT) -> dict[str, Any]:
        recogniser = await bridge.conversations.recogniser()
        session = bridge.subjects.get(subject)
        return {
            "subject": session.subject,
            "state": session.state,
            "epoch": session.epoch,
            "emotion": session.emotion,
            "waiting_lines": session.waiting_lines,
            "clients": len(session.streams),
            "last_error": session.last_error,
            "mind": {"provider": bridge.conversations.thinker, "persona": bridge.conversations.persona.name},
            "hearing": {"provider": recogniser, "mode": bridge.settings.turns.mode},
            "greeting": bridge.conversations.greeting,
            "version": __version__,
        }


def _add_rig_api(app: FastAPI, bridge: Bridge) -> None:
    @app.get("/api/rig", response_model=None)
    async def get_rig(rig: str = DEFAULT_RIG, form: str = "json") -> dict[str, Any] | Response:
        if form == "toml":
            return Response(bridge.tunings.whole_text(rig), media_type="application/toml; charset=utf-8")
        if form != "json":
            raise InputError("The form of a rig is json or toml.")
        return rig_fields(bridge, rig)

    @app.patch("/api/rig")
    async def patch_rig(body: RigBody) -> dict[str, Any]:
        bridge.controls.set(Desk(body.subject, body.rig), body.set, "api")
        return rig_fields(bridge, body.rig)


def _add_sockets(app: FastAPI, bridge: Bridge) -> None:
    @app.websocket("/ws/stream")
    async def ws_stream(  # noqa: PLR0913, PLR0917  (the query's parameters, one each)
        socket: WebSocket,
        subject: str = DEFAULT_SUBJECT,
        rig: str = DEFAULT_RIG,
        form: Annotated[str, Query(alias="format")] = "binary",
        audio: int = 1,
        primary: int = 0,
    ) -> None:
        try:
            session = bridge.subjects.get(subject)
        except BridgeError as error:
            await refuse(socket, error)
            return
        client = Client(rig, json=form == "json", audio=audio != 0, wants_primary=primary != 0)
        await serve_stream(socket, session, client)

    @app.websocket("/ws/mic")
    async def ws_mic(
        socket: WebSocket,
        subject: str = DEFAULT_SUBJECT,
        visitor: str = DEFAULT_VISITOR,
        sample_rate_hz: int = HEARING_RATE_HZ,
    ) -> None:
        await serve_mic(socket, bridge, subject, visitor, sample_rate_hz)

    @app.websocket("/ws/control")
    async def ws_control(socket: WebSocket, subject: str = DEFAULT_SUBJECT, rig: str = DEFAULT_RIG) -> None:
        await serve_control(socket, bridge, Desk(subject, rig))


def _add_pages(app: FastAPI) -> None:
    """The pages, the avatars, and the user's own; an installation without pages serves the rest and says so there."""
    pages = {"/": "index.html", "/stage": "stage.html"}

    def add(path: str, file: str) -> None:
        @app.get(path, include_in_schema=False)
        async def page() -> FileResponse:
            return FileResponse(resources.folder("web") / file, headers={"Cache-Control": "no-cache"})

    for path, file in pages.items():
        add(path, file)
    for path, name, inside in (("/assets", "web", "assets"), ("/avatar", "avatar", "")):
        with suppress(DeviceError):
            app.mount(path, StaticFiles(directory=resources.folder(name) / inside, check_dir=False))

    @app.get("/avatars/{name}", include_in_schema=False)
    async def own_avatar(name: str) -> FileResponse:
        avatars = {path.name: path for path in (resources.home() / "avatars").glob("*.*") if path.is_file()}
        if name not in avatars:
            raise HTTPException(404, f"There is no '{name}' in {resources.home() / 'avatars'}.")
        return FileResponse(avatars[name], headers={"Cache-Control": "no-cache"})
