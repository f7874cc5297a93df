"""The VTube Studio sink against a program that answers as the README says, on a real WebSocket."""

import asyncio
import json
import time

import numpy as np
import pytest

from bridge import sinks
from bridge.bridge import make_retarget
from bridge.errors import ConfigError, DeviceError
from bridge.layers.mixer import Mixer
from bridge.sinks import vts
from bridge.types import SHAPE_INDEX, motion
from tools.vtube_studio import VTubeStudio

pytestmark = pytest.mark.contract


@pytest.fixture
def program():
    program = VTubeStudio()
    program.start()
    yield program
    program.close()


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("AVATAR_BRIDGE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


class Open:
    """A sink within a `with`, and its rig."""

    def __init__(self, program, query=""):
        target = sinks.target(f"vts://127.0.0.1:{program.port}{query}")
        self.retarget = make_retarget(target.rig)
        self.sink = target.open(self.retarget.layout)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.sink.close()

    def send(self, frames):
        curves = self.retarget.apply(frames)
        for row in range(len(frames)):
            self.sink.send(0, frames[row : row + 1], curves[row : row + 1])


def face(**shapes):
    row = np.zeros((1, 52), np.float32)
    for name, value in shapes.items():
        row[0, SHAPE_INDEX[name]] = value
    return motion(0, row)


def until(condition):
    """Wait for what another thread is about to do."""
    for _ in range(3000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it never came about")


def test_the_user_is_asked_once_and_the_token_kept(program, home):
    for _ in range(2):
        with Open(program) as it:
            it.send(face())
            program.wait_for(1)
            program.injections.clear()
    assert program.asked == 1 and program.errors == []
    kept = json.loads((home / "vtube_studio_tokens.json").read_text())
    assert list(kept) == [f"127.0.0.1:{program.port}"] and set(kept.values()) <= program.tokens.keys()


def test_a_token_that_can_not_be_kept_is_used_and_the_file_named(program, home, caplog):
    home.write_text("a file where the folder should be")
    with Open(program) as it:
        it.send(face(jawOpen=0.5))
        program.wait_for(2)
        it.send(face(jawOpen=0.7))
    assert program.asked == 1 and it.sink.notice == ""
    (said,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert said.startswith(str(home / "vtube_studio_tokens.json")) and said.endswith(".")


def test_a_token_that_was_revoked_is_asked_for_anew(program):
    with Open(program) as it:
        it.send(face())
        program.wait_for(1)
    program.tokens.clear()
    with Open(program) as it:
        it.send(face())
        program.wait_for(2)
    assert program.asked == 2


def test_eyes_that_blink_are_less_open_and_values_are_the_rigs(program):
    with Open(program) as it:
        it.send(face(eyeBlinkLeft=0.25, jawOpen=0.5))
        program.wait_for(1)
    assert program.values["EyeOpenLeft"] == pytest.approx(0.75)
    assert program.values["EyeOpenRight"] == pytest.approx(1.0)
    assert 0 < program.values["MouthOpen"] <= 1
    assert not program.custom, "its own parameters are all it needs"


def test_values_are_repeated_while_nothing_changes(program):
    with Open(program) as it:
        it.send(face(jawOpen=0.5))
        program.wait_for(4)


def test_other_rigs_make_parameters_of_their_own(program):
    with Open(program, "?rig=arkit&prefix=Xy") as it:
        it.send(face(jawOpen=0.5, mouthLeft=0.25))
        program.wait_for(1)
    assert len(program.custom) == 52 and {"XyJawOpen", "XyEyeBlinkLeft"} <= program.custom.keys()
    assert (program.values["XyJawOpen"], program.values["XyMouthLeft"]) == (0.5, 0.25)


def test_the_latest_values_win(program):
    with Open(program) as it:
        it.send(Mixer(0).mix(0, 600))
        it.send(face(eyeBlinkLeft=1.0))
        program.wait_for(1)
        until(lambda: program.values.get("EyeOpenLeft") == 0.0)
    assert len(program.injections) < 600


def test_a_parameter_that_vanishes_is_noticed_and_made_again(program, monkeypatch):
    monkeypatch.setattr(vts, "MEND_AFTER", 3)
    monkeypatch.setattr(vts, "KEEP_ALIVE_S", 0.01)
    with Open(program, "?rig=arkit") as it:
        it.send(face(jawOpen=0.5))
        program.wait_for(1)
        del program.custom["AbJawOpen"]
        until(lambda: any("AbJawOpen not found" in error for error in program.errors))
        program.wait_for(len(program.injections) + 3)
    assert "AbJawOpen" in program.custom


def test_what_another_plugin_holds_is_said_and_the_stream_goes_on(program, monkeypatch):
    monkeypatch.setattr(vts, "KEEP_ALIVE_S", 0.01)
    with Open(program) as it:
        it.send(face())
        program.wait_for(1)
        program.owners["MouthOpen"] = "another"
        until(lambda: "another plugin" in it.sink.notice)
        program.owners.clear()
        until(lambda: it.sink.notice == "")


def test_a_user_who_says_no_is_not_asked_again(program):
    program.allows = False
    with Open(program) as it:
        until(lambda: "did not allow" in it.sink.notice)
        it.send(Mixer(0).mix(0, 60))
    assert program.asked == 1


def test_a_program_that_ends_is_told_by_the_next_frame(program):
    with Open(program) as it:
        it.send(face())
        program.wait_for(1)
        program.close()

        def broken():
            try:
                it.send(face())
            except DeviceError as error:
                return "VTube Studio at 127.0.0.1" in str(error)
            return False

        until(broken)


def test_names_that_can_not_be_parameters_are_told_at_once(program):
    with pytest.raises(Exception, match="4 to 32"):
        Open(program, "?rig=vrchat&prefix=Ab")
    with pytest.raises(ConfigError):
        Open(program, "?rig=nothing")


def test_a_client_that_nobody_here_wrote_takes_the_stand_in_for_the_program(program, tmp_path):
    pyvts = pytest.importorskip("pyvts", reason="pyvts is not installed; it brings OpenCV along")

    async def talk():
        plugin = {
            "plugin_name": "Somebody",
            "developer": "Else",
            "authentication_token_path": str(tmp_path / "token.txt"),
        }
        client = pyvts.vts(plugin, {"name": "VTubeStudioPublicAPI", "version": "1.0", "port": program.port})
        await client.connect()
        await client.request_authenticate_token()
        assert await client.request_authenticate()
        made = await client.request(client.vts_request.requestCustomParameter("SomeParameter"))
        assert made["messageType"] == "ParameterCreationResponse"
        set_to = await client.request(client.vts_request.requestSetParameterValue("SomeParameter", 0.5))
        assert set_to["messageType"] == "InjectParameterDataResponse"
        await client.close()

    asyncio.run(talk())
    assert program.values["SomeParameter"] == 0.5 and not program.errors
