"""A stand-in for VTube Studio's API, written from its README alone: to try the sink without the program.

    python -m tools.vtube_studio [PORT]        then: avatar-bridge play TAKE --to vts://127.0.0.1:PORT

It checks what the README promises: names and lengths, tokens that belong to a plugin, parameters that exist and belong
to nobody else, ranges, limits. It shares no code with the bridge.
"""

from __future__ import annotations

import json
import re
import secrets
import sys
import threading
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

DEFAULTS = {
    **dict.fromkeys(("FacePositionX", "FacePositionY", "FacePositionZ"), (-15.0, 15.0)),
    **dict.fromkeys(("FaceAngleX", "FaceAngleY", "FaceAngleZ"), (-30.0, 30.0)),
    **dict.fromkeys(("MouthSmile", "MouthOpen", "Brows", "BrowLeftY", "BrowRightY", "TongueOut"), (0.0, 1.0)),
    **dict.fromkeys(("EyeOpenLeft", "EyeOpenRight", "CheekPuff", "FaceAngry"), (0.0, 1.0)),
    **dict.fromkeys(("VoiceA", "VoiceI", "VoiceU", "VoiceE", "VoiceO", "VoiceSilence"), (0.0, 1.0)),
    **dict.fromkeys(("MouthX", "EyeLeftX", "EyeLeftY", "EyeRightX", "EyeRightY"), (-1.0, 1.0)),
}
NAME = re.compile(r"[A-Za-z0-9]{4,32}")
PLUGIN_PARAMETERS, ALL_PARAMETERS = 100, 300


class Refused(Exception):
    """An APIError: its number and sentence."""

    def __init__(self, number: int, sentence: str) -> None:
        super().__init__(sentence)
        self.number = number


class VTubeStudio:
    """The program: `start` it, connect to `port`, look at `values` and `injections`, `close` it."""

    def __init__(self, port: int = 0, *, allows: bool = True) -> None:
        self.allows = allows
        self.asked = 0
        self.tokens: dict[str, str] = {}
        self.custom: dict[str, str] = {}
        self.owners: dict[str, str] = {}
        self.values: dict[str, float] = {}
        self.injections: list[dict[str, float]] = []
        self.errors: list[str] = []
        self.injected = threading.Condition()
        self._server = serve(self._serve, "127.0.0.1", port, compression=None)
        self.port: int = self._server.socket.getsockname()[1]

    def start(self) -> None:
        """Serve on a thread."""
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """End, and all connections with it."""
        self._server.shutdown()

    def wait_for(self, count: int) -> None:
        """Until so many injections have come."""
        with self.injected:
            assert self.injected.wait_for(lambda: len(self.injections) >= count, 30), self.errors

    def _serve(self, socket: ServerConnection) -> None:
        plugin = ""
        while True:
            try:
                request = json.loads(socket.recv())
            except (ConnectionClosed, ValueError):
                return
            kind, data = request.get("messageType", ""), request.get("data", {})
            try:
                if request.get("apiName") != "VTubeStudioPublicAPI" or request.get("apiVersion") != "1.0":
                    raise Refused(1, "Unknown API.")
                if not 1 <= len(request.get("requestID", "x")) <= 64:
                    raise Refused(3, "The request ID is invalid.")
                if kind == "AuthenticationRequest":
                    plugin, answer = self._log_in(data)
                elif kind in ("APIStateRequest", "AuthenticationTokenRequest"):
                    answer = self._open_to_all(kind, data, plugin)
                elif not plugin:
                    raise Refused(8, "This request requires authentication.")
                else:
                    answer = self._answer(kind, data, plugin)
                kind = kind.replace("Request", "Response")
            except Refused as refusal:
                self.errors.append(str(refusal))
                kind, answer = "APIError", {"errorID": refusal.number, "message": str(refusal)}
            envelope = {"apiName": "VTubeStudioPublicAPI", "apiVersion": "1.0", "timestamp": 1, "messageType": kind}
            socket.send(json.dumps({**envelope, "requestID": request.get("requestID", "generated"), "data": answer}))

    def _open_to_all(self, kind: str, data: dict[str, Any], plugin: str) -> dict[str, Any]:
        if kind == "APIStateRequest":
            return {"active": True, "vTubeStudioVersion": "1.30.0", "currentSessionAuthenticated": bool(plugin)}
        self.asked += 1
        for key in ("pluginName", "pluginDeveloper"):
            if not 3 <= len(data.get(key, "")) <= 32:
                raise Refused(52, f"{key} must have 3 to 32 characters.")
        if not self.allows:
            raise Refused(50, "User has denied API access for your plugin.")
        token = secrets.token_hex(32)
        self.tokens[token] = data["pluginName"] + data["pluginDeveloper"]
        return {"authenticationToken": token}

    def _log_in(self, data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        who = data["pluginName"] + data["pluginDeveloper"]
        known = self.tokens.get(data["authenticationToken"]) == who
        reason = "Token valid." if known else "Token invalid or revoked by user."
        return (who if known else ""), {"authenticated": known, "reason": reason}

    def _answer(self, kind: str, data: dict[str, Any], plugin: str) -> dict[str, Any]:
        if kind == "InputParameterListRequest":
            rows = [{"name": n, "addedBy": "VTube Studio", "min": a, "max": b} for n, (a, b) in DEFAULTS.items()]
            return {"defaultParameters": rows, "customParameters": [{"name": n} for n in self.custom]}
        if kind == "ParameterCreationRequest":
            return self._create(data, plugin)
        if kind == "InjectParameterDataRequest":
            return self._inject(data, plugin)
        raise Refused(4, f"Unknown request {kind}.")

    def _create(self, data: dict[str, Any], plugin: str) -> dict[str, Any]:
        name = data["parameterName"]
        if not NAME.fullmatch(name) or name in DEFAULTS or len(data.get("explanation", "")) > 255:
            raise Refused(352, "The parameter's name or explanation is not valid.")
        if self.custom.get(name, plugin) != plugin:
            raise Refused(353, "Parameter has already been created by another plugin.")
        if not data["min"] <= data["defaultValue"] <= data["max"]:
            raise Refused(354, "The range is not valid.")
        mine = sum(owner == plugin for owner in self.custom.values())
        if name not in self.custom and (mine >= PLUGIN_PARAMETERS or len(self.custom) >= ALL_PARAMETERS):
            raise Refused(355, "There are too many parameters.")
        self.custom[name] = plugin
        return {"parameterName": name}

    def _inject(self, data: dict[str, Any], plugin: str) -> dict[str, Any]:
        rows = {row["id"]: row["value"] for row in data["parameterValues"]}
        for name, value in rows.items():
            if name not in DEFAULTS and name not in self.custom:
                raise Refused(450, f"Parameter {name} not found.")
            if self.owners.get(name, plugin) != plugin:
                raise Refused(451, f"Parameter {name} already controlled by another plugin.")
            if not abs(value) <= 1e6:
                raise Refused(452, "Value out of range.")
        with self.injected:
            self.values |= rows
            self.injections.append(rows)
            self.injected.notify_all()
        return {}


def main() -> None:
    program = VTubeStudio(int(sys.argv[1]) if len(sys.argv) > 1 else 8001)
    program.start()
    print(f"answering at ws://127.0.0.1:{program.port}")
    seen = 0
    while True:
        program.wait_for(seen + 60)
        seen = len(program.injections)
        shown = {name: round(value, 2) for name, value in program.values.items() if abs(value) > 0.01}
        print(seen, shown)


if __name__ == "__main__":
    main()
