"""Draws a sheet with three.js in headless Chromium: serves the page and its files on a local port, takes a picture."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tools.browser import Browser, PageError

HERE = Path(__file__).parent
MODULES = HERE.parents[1] / "engine_plugins" / "web" / "node_modules"
"""Where three and @pixiv/three-vrm are installed: the web plugin's own modules."""
KINDS = {".html": "text/html", ".js": "text/javascript"}


def render(
    job: dict[str, Any], models: dict[str, Path], modules: Path = MODULES, timeout_s: float = 600.0
) -> tuple[bytes, list[str]]:
    """The sheet's picture, and what the page's libraries warned about or found wrong.

    `models` are the files by the paths that the job's cells name. Raises PageError where there is no browser or no
    three.js, or the page can't draw the sheet.
    """
    if not (modules / "three").is_dir():
        raise PageError(f"three.js is missing from {modules}: run `npm install` in engine_plugins/web first")
    with _served(job, models, modules) as address, Browser(patience_s=timeout_s) as browser:
        browser.go(address)
        browser.wait("!!window.drawSheet")
        picture = base64.b64decode(browser.evaluate("drawSheet()"))
        return picture, [line for line in browser.log if line.startswith(("warning: ", "error: "))]


@contextmanager
def _served(job: dict[str, Any], models: dict[str, Path], modules: Path) -> Iterator[str]:
    """The page and all it fetches; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                body, kind = self._page()
            except OSError:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _page(self) -> tuple[bytes, str]:
            if self.path == "/job.json":
                return json.dumps(job).encode(), "application/json"
            if self.path in models:
                return models[self.path].read_bytes(), "model/gltf-binary"
            if self.path.startswith("/modules/"):
                file = modules / self.path.removeprefix("/modules/")
            else:
                file = HERE / ("page.html" if self.path == "/" else self.path.lstrip("/"))
            return file.read_bytes(), KINDS.get(file.suffix, "application/octet-stream")

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
