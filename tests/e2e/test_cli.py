"""The commands as a user types them: what they write, and the one sentence for what can't be done."""

from __future__ import annotations

import errno
import io
import json
import os
import socket
import subprocess
import sys
import wave
from contextlib import contextmanager

import numpy as np
import pytest

from bridge.cli import main
from bridge.types import ARKIT_BLENDSHAPES, JOINT_COUNT

pytestmark = pytest.mark.e2e


def run(*arguments: str) -> int:
    """The status of a command, run in this process."""
    try:
        return main(list(arguments))
    except SystemExit as wrong_use:
        return int(wrong_use.code or 0)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def spoken(tmp_path_factory):
    folder = tmp_path_factory.mktemp("spoken")
    outs = [folder / f"out{ending}" for ending in (".npz", ".csv", ".wav")]
    options = [part for out in outs for part in ("-o", str(out))]
    assert (
        run("say", "Hello, my name is Bob. I may be a map.", *options, "--emotion", "happy", "--intensity", "0.5") == 0
    )
    return folder


def test_say_writes_motion_and_sound_of_one_length(spoken):
    take = np.load(spoken / "out.npz", allow_pickle=False)
    frames = len(take["arkit"])
    assert [str(n) for n in take["names"]] == list(ARKIT_BLENDSHAPES)
    assert (int(take["fps_num"]), int(take["fps_den"]), int(take["sample_rate_hz"])) == (60, 1, 24_000)
    assert frames == -(-len(take["audio"]) // 400) and take["audio"].dtype == np.int16
    assert take["arkit"].shape == (frames, 52) and take["arkit"].dtype == np.float32
    assert take["arkit"].min() >= 0 and take["arkit"].max() <= 1
    shapes = {
        **{"head_wxyz": (4,), "smpl_pose": (JOINT_COUNT, 3), "smpl_trans": (3,), "flame_expression": (100,)},
        **{"flame_jaw": (3,), "flame_neck": (3,), "flame_eyes": (6,)},
    }
    for key, shape in shapes.items():
        assert take[key].shape == (frames, *shape), key
    assert "flame_expression" in take["missing"]
    with wave.open(str(spoken / "out.wav")) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getnframes()) == (24_000, 1, len(take["audio"]))
    assert len((spoken / "out.csv").read_text().splitlines()) == 1 + frames


def test_animate_of_what_was_said_moves_the_same_mouth(spoken, tmp_path):
    out = tmp_path / "again.npz"
    assert run("animate", str(spoken / "out.wav"), "-o", str(out), "--raw") == 0
    said, heard = np.load(spoken / "out.npz")["arkit"], np.load(out)["arkit"]
    assert len(said) == len(heard)
    jaw = ARKIT_BLENDSHAPES.index("jawOpen")
    assert np.corrcoef(said[:, jaw], heard[:, jaw])[0, 1] > 0.9


def test_lips_by_the_phones_change_the_mouth_alone(spoken, tmp_path):
    out = tmp_path / "phones.npz"
    by = ("--emotion", "happy", "--intensity", "0.5", "--lips", "phones")
    assert run("say", "Hello, my name is Bob. I may be a map.", "-o", str(out), *by) == 0
    heard, told = np.load(spoken / "out.npz"), np.load(out)
    assert np.array_equal(heard["audio"], told["audio"]) and np.array_equal(heard["head_wxyz"], told["head_wxyz"])
    changed = {ARKIT_BLENDSHAPES[i] for i in np.flatnonzero((heard["arkit"] != told["arkit"]).any(axis=0))}
    assert "jawOpen" in changed and all(name.startswith(("mouth", "jaw", "tongue")) for name in changed)


def test_the_same_seed_gives_the_same_take(spoken, tmp_path):
    takes = []
    for name, seed in (("a", "3"), ("b", "3"), ("c", "4")):
        out = tmp_path / f"{name}.npz"
        assert run("animate", str(spoken / "out.wav"), "-o", str(out), "--seed", seed) == 0
        takes.append(np.load(out)["arkit"])
    np.testing.assert_array_equal(takes[0], takes[1])
    assert not np.array_equal(takes[0], takes[2])


@pytest.mark.parametrize(
    "arguments",
    [
        ("say", "", "-o", "{tmp}/x.npz"),
        ("say", "😀😀😀", "-o", "{tmp}/x.npz"),
        ("say", "a" * 100_000, "-o", "{tmp}/x.npz"),
        ("say", "hello", "--lang", "klingon", "-o", "{tmp}/x.npz"),
        ("say", "hello", "--emotion", "hungry", "-o", "{tmp}/x.npz"),
        ("say", "hello", "--emotion", "happy", "--intensity", "7", "-o", "{tmp}/x.npz"),
        ("say", "hello", "--lips", "tea", "-o", "{tmp}/x.npz"),
        ("say", "hello", "-o", "{tmp}/x.xyz"),
        ("say", "hello", "-o", "{tmp}/no/such/folder/x.npz"),
        ("say", "hello", "-o", "{tmp}"),
        ("animate", "{tmp}/none.wav", "-o", "{tmp}/x.npz"),
        ("animate", "{tmp}", "-o", "{tmp}/x.npz"),
        ("animate", "{tmp}/empty.wav", "-o", "{tmp}/x.npz"),
        ("animate", "{tmp}/text.wav", "-o", "{tmp}/x.npz"),
        ("rigs", "check", "{tmp}/text.wav"),
        ("rigs", "check", "{tmp}/none.toml"),
        ("avatar", "{tmp}/x.fbx"),
        ("avatar", "{tmp}/x.glb", "--variation", "nobody"),
        ("serve", "-c", "{tmp}/none.toml"),
        ("demo", "--no-open", "--host", "0.0.0.0"),
        ("demo", "--no-open", "--port", "0"),
        ("demo", "--no-open", "--to", "warp://x"),
        ("demo", "--no-open", "--to", "vmc://127.0.0.1?rig=none"),
        ("demo", "--no-open", "--tok", "short for nothing"),
        ("dance",),
        ("animate",),
    ],
    ids=lambda a: " ".join(a)[:48],
)
def test_what_cannot_be_done_is_said_and_leaves_no_file(arguments, tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("AVATAR_BRIDGE_TOKEN", raising=False)
    (tmp_path / "empty.wav").touch()
    (tmp_path / "text.wav").write_text("this is not sound\n" * 50)
    before = sorted(tmp_path.iterdir())
    status = run(*(a.replace("{tmp}", str(tmp_path)) for a in arguments))
    out, err = capsys.readouterr()
    assert status in (1, 2) and out == ""
    assert len(err.strip()) > 15 and "Traceback" not in err
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ('[server]\ntls_cert = "none.pem"\ntls_key = "none.pem"', "none.pem can't be read: "),
        ("[server]\ntls_cert = '{tmp}'\ntls_key = '{tmp}'", "can't be read: "),
        ("[server]\ntls_cert = '{tmp}/bridge.toml'\ntls_key = '{tmp}/bridge.toml'", "bridge.toml are no certificate"),
        ("[server]\nsubjects = 0", "'subjects' is 0"),
        ("[avatar]\nlookahead_ms = 70", "The lookahead can be"),
        ('[voice]\nprovider = "nope"', "no tts 'nope'"),
        ('[voice]\nlang = "xx"', "no language 'xx'"),
        ("[voice.settings]\nfoo = 1", "no setting 'foo'"),
    ],
)
def test_settings_with_which_it_could_never_speak_are_told_at_the_start(settings, words, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("AVATAR_BRIDGE_HOME", str(tmp_path))
    monkeypatch.setattr("bridge.server.run._Server.run", lambda *_, **__: pytest.fail("it had begun"))
    (tmp_path / "bridge.toml").write_text(settings.replace("{tmp}", tmp_path.as_posix()), encoding="utf-8")
    assert run("serve", "--port", str(free_port())) in (1, 2)
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and words in err
    assert run("doctor", "--json") == 1
    (told,) = (f for f in json.loads(capsys.readouterr().out)["findings"] if f["name"] == "settings")
    assert told["status"] == "broken" and words in told["detail"]


@pytest.mark.parametrize(("error", "words"), [(errno.EACCES, "does not let you"), (errno.EADDRINUSE, "is taken")])
def test_why_a_port_can_not_be_had_is_said(error, words, capsys, monkeypatch):
    def refuse(*_):
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(socket.socket, "bind", refuse)
    assert run("demo", "--no-open", "--port", "443") == 1
    assert words in capsys.readouterr().err


class GoneTerminal(io.StringIO):
    """A terminal that goes after its first line."""

    def __next__(self):
        if self.tell():
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return super().__next__()


@pytest.mark.parametrize(
    ("stdin", "answers", "is_told"),
    [
        (lambda: GoneTerminal("hello\nnobody reads this\n"), 1, False),
        (lambda: io.TextIOWrapper(io.BytesIO(b"\xff\xfe\nhello\n"), "utf-8"), 1, True),
        (lambda: None, 0, False),
    ],
    ids=["gone", "no text", "closed"],
)
def test_a_chat_ends_with_its_input_whatever_that_holds(stdin, answers, is_told, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("AVATAR_BRIDGE_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "stdin", stdin())
    assert run("chat", "--mute") == 0
    out, err = capsys.readouterr()
    assert len(out.splitlines()) >= answers and "Traceback" not in err
    assert ("nothing to say" in err) == is_told, "of the line that is no text"


def test_the_avatar_comes_out_of_the_package(tmp_path, capsys):
    assert run("avatar", str(tmp_path / "me.glb")) == 0
    assert (tmp_path / "me.glb").read_bytes()[:4] == b"glTF"


def test_an_avatar_may_be_written_over_itself(tmp_path, monkeypatch):
    assert run("avatar", str(tmp_path / "default.glb")) == 0
    whole = (tmp_path / "default.glb").read_bytes()
    monkeypatch.setattr("bridge.resources.folder", lambda _: tmp_path)
    assert run("avatar", str(tmp_path / "default.glb")) == 0
    assert (tmp_path / "default.glb").read_bytes() == whole


@contextmanager
def little_room(most_bytes):
    """No file grows beyond `most_bytes`, which is told as a full disk is: by the call that writes."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("there_before", [True, False])
@pytest.mark.parametrize(
    "arguments",
    [("say", "Hello my friend. " * 4, "-o", "a.npz"), ("say", "Hello!", "-o", "a.csv"), ("avatar", "a.glb")],
)
def test_where_there_is_no_room_all_stays_as_it_was(arguments, there_before, tmp_path, capsys, caplog):
    *first, name = arguments
    if there_before:
        (tmp_path / name).write_bytes(b"precious")
    with little_room(20_000):
        assert run(*first, str(tmp_path / name)) == 1
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and f"{name} can't be written" in err and not caplog.records
    left = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert left == ({name: b"precious"} if there_before else {})


def test_the_doctor_finds_all_well(capsys):
    assert run("doctor", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["ok"] is True and {"voice", "face model", "pages"} <= {f["name"] for f in report["findings"]}


def lay_wrong_rigs(folder):
    """A file of each kind that is no rig: what it holds and, for those that are no files, what stands in its place."""
    folder.mkdir()
    (folder / "a_binary.toml").write_bytes(b"\xff\xfe\x00")
    (folder / "a_folder.toml").mkdir()
    (folder / "a_slip.toml").write_text("x = 1", encoding="utf-8")
    names = ["a_binary", "a_folder", "a_slip"]
    if os.name == "posix":
        (folder / "a_link.toml").symlink_to(folder / "nowhere.toml")
        names.append("a_link")
    return names


def test_a_rig_that_can_not_be_used_is_told_on_its_line_and_the_others_are_listed(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("AVATAR_BRIDGE_HOME", str(tmp_path))
    run("rigs")
    good = capsys.readouterr().out.splitlines()
    names = lay_wrong_rigs(tmp_path / "rigs")
    assert run("rigs") == 0
    lines = capsys.readouterr().out.splitlines()
    told = {line.split()[0]: line for line in lines if line not in good}
    assert set(good) < set(lines) and set(told) == set(names)
    assert all(f"{name}.toml" in line for name, line in told.items())


def test_the_doctor_tells_of_every_rig_that_can_not_be_used(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("AVATAR_BRIDGE_HOME", str(tmp_path))
    names = lay_wrong_rigs(tmp_path / "rigs")
    assert run("doctor", "--json") == 1
    (told,) = (f for f in json.loads(capsys.readouterr().out)["findings"] if f["name"] == "rigs")
    assert told["status"] == "broken" and all(f"{name}.toml" in told["detail"] for name in names)


def test_a_folder_named_as_a_rig_does_not_hide_the_rig(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("AVATAR_BRIDGE_HOME", str(tmp_path))
    run("rigs")
    good = capsys.readouterr().out
    (tmp_path / "rigs" / "arkit.toml").mkdir(parents=True)
    assert run("rigs") == 0 and capsys.readouterr().out == good


def test_the_bench_measures_though_servers_here_want_a_token(capsys, monkeypatch):
    monkeypatch.setenv("AVATAR_BRIDGE_TOKEN", "abc")
    monkeypatch.setattr("bridge.bench.RTF_S", 1.0)
    monkeypatch.setattr("bridge.bench.WARM_UP_S", 0.0)
    assert run("bench", "--json", "--rounds", "1") == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["rounds"] == 1 and set(figures["say_to_first_audio_ms"]) == {"p50", "p95"}


def test_rigs_are_listed(capsys):
    assert run("rigs") == run("rigs", "list") == 0
    assert "arkit" in capsys.readouterr().out


def test_help_loads_no_heavy_library():
    code = (
        "import sys; from bridge import cli\n"
        "try: cli.main(['--help'])\n"
        "except SystemExit: pass\n"
        "print([m for m in ('onnxruntime', 'fastapi', 'scipy', 'av', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
