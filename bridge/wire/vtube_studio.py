"""VTube Studio's public API: JSON over a WebSocket. Source: github.com/DenchiSoft/VTubeStudio, README.

Every message is an envelope {apiName, apiVersion, requestID, messageType, data}; what goes wrong comes back as an
`APIError` {errorID, message}. A plugin asks once for a token, which the user allows in the program, and shows it on
each connection. Values that are not sent again within a second fall back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from bridge.errors import WireError
from bridge.wire.json_object import json_object

API_NAME: Final = "VTubeStudioPublicAPI"
API_VERSION: Final = "1.0"
PORT: Final = 8001
ERROR: Final = "APIError"
DENIED: Final = 50
"""The error of a user who does not allow the plugin."""
VALUE_LIMIT: Final = 1_000_000.0

_PARAMETER: Final = re.compile(r"[A-Za-z0-9]{4,32}")
_REQUEST_ID: Final = re.compile(r"[\x21-\x7e]{1,64}")


@dataclass(frozen=True, slots=True)
class Envelope:
    """A request, an answer or an error."""

    kind: str
    data: Mapping[str, Any] = field(default_factory=dict)
    request_id: str = ""

    @property
    def error(self) -> str:
        """What went wrong, as the program says it; empty if nothing."""
        return f"{self.data.get('message', '')} ({self.data.get('errorID', '?')})" if self.kind == ERROR else ""


def encode(envelope: Envelope) -> str:
    """The JSON of a message. Raises WireError for a request id that the program would refuse."""
    if envelope.request_id and not _REQUEST_ID.fullmatch(envelope.request_id):
        raise WireError("A request's id has 1 to 64 visible ASCII characters.")
    fields: dict[str, Any] = {"apiName": API_NAME, "apiVersion": API_VERSION}
    if envelope.request_id:
        fields["requestID"] = envelope.request_id
    fields["messageType"] = envelope.kind
    if envelope.data:
        fields["data"] = dict(envelope.data)
    try:
        return json.dumps(fields, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    except ValueError:
        raise WireError("A message to VTube Studio holds a value that is not a finite number.") from None


def decode(text: str | bytes) -> Envelope:
    """The message in `text`. Raises WireError, and nothing else."""
    fields = json_object(text)
    if fields.get("apiName") != API_NAME:
        raise WireError("The message is not one of VTube Studio's API.")
    kind, data, request_id = fields.get("messageType"), fields.get("data", {}), fields.get("requestID", "")
    if not isinstance(kind, str) or not isinstance(data, dict) or not isinstance(request_id, str):
        raise WireError("The message of VTube Studio's API is not whole.")
    return Envelope(kind, data, request_id)


def ask_token(plugin: str, developer: str) -> Envelope:
    """Asks the user to allow the plugin; answered by {authenticationToken}, or error 50."""
    return Envelope("AuthenticationTokenRequest", {"pluginName": plugin, "pluginDeveloper": developer})


def authenticate(plugin: str, developer: str, token: str) -> Envelope:
    """Shows the token; answered by {authenticated, reason}."""
    data = {"pluginName": plugin, "pluginDeveloper": developer, "authenticationToken": token}
    return Envelope("AuthenticationRequest", data)


def list_parameters() -> Envelope:
    """Answered by {defaultParameters: [{name, min, max, ...}], customParameters: [...]}."""
    return Envelope("InputParameterListRequest")


def create_parameter(name: str, explanation: str, low: float, high: float) -> Envelope:
    """Makes a parameter that models can be wired to; an own one of that name is replaced. Raises WireError."""
    if not _PARAMETER.fullmatch(name):
        raise WireError(f"A parameter's name has 4 to 32 letters and digits, and '{name}' has not.")
    rest = min(max(0.0, low), high)
    data = {"parameterName": name, "explanation": explanation[:255], "min": low, "max": high, "defaultValue": rest}
    return Envelope("ParameterCreationRequest", data)


def inject(names: Sequence[str], values: Sequence[float], *, face_found: bool = True) -> Envelope:
    """Sets parameters; answered by {}, or an error for all of them if one is not known or is another plugin's."""
    rows = [
        {"id": name, "value": round(min(max(value, -VALUE_LIMIT), VALUE_LIMIT), 5)}
        for name, value in zip(names, values, strict=True)
    ]
    return Envelope("InjectParameterDataRequest", {"faceFound": face_found, "mode": "set", "parameterValues": rows})


def default_names(answer: Envelope) -> set[str]:
    """The parameters that the program has of its own, from the answer to `list_parameters`. Raises WireError."""
    rows = answer.data.get("defaultParameters")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise WireError("VTube Studio's list of parameters is not whole.")
    return {str(row.get("name", "")) for row in rows}
