"""The command `avatar-bridge`: arguments in, one of the commands run, its errors turned into one sentence and a status.

Exit status: 0 done, 1 failed with one sentence on standard error, 2 wrong use. The commands themselves are in
`bridge.commands`, imported when one is run, so that `--help` is quick.
"""

from __future__ import annotations

import argparse
import importlib
import os
import re
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bridge import __version__
from bridge.errors import BridgeError, ConfigError
from bridge.types import EMOTIONS


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit status, or raises SystemExit(2) for wrong use as argparse does."""
    _speak_utf8()
    # A service manager's end is an end like any other: files half written are removed on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parsed = _parser().parse_args(_each_to(sys.argv[1:] if arguments is None else arguments))
    run: Callable[[argparse.Namespace], int] = parsed.run
    try:
        return run(parsed)
    except ConfigError as error:
        return _fail(error, 2)
    except BridgeError as error:
        return _fail(error, 1)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has gone; say nothing more, at exit neither.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _each_to(arguments: Sequence[str]) -> list[str]:
    """`--to A B TEXT` as `--to A --to B TEXT`: several sinks in a row, which end where something else begins."""
    out: list[str] = []
    in_row = False
    for argument in arguments:
        is_url = re.fullmatch(r"[\w.+-]+://\S*", argument) is not None
        if in_row and is_url and out[-1] != "--to":
            out.append("--to")
        in_row = argument == "--to" or (in_row and is_url)
        out.append(argument)
    return out


def _fail(error: BridgeError, status: int) -> int:
    print(f"avatar-bridge: {error}", file=sys.stderr)
    return status


def _speak_utf8() -> None:
    """Text we print need not fit the console's code page (Windows)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


class _Command(argparse.ArgumentParser):
    """Takes options by their whole names: by the first letters, one that it lacks would be taken for another."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given, allow_abbrev=False)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("avatar-bridge", description="Makes 3D characters speak, in every engine at once.")
    parser.add_argument("--version", action="version", version=f"avatar-bridge {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=_Command)

    demo = commands.add_parser("demo", help="a speaking head in the browser, with nothing to set up")
    _add_server(demo)
    demo.add_argument("--no-open", action="store_true", help="do not open the browser")
    demo.add_argument("--say", default="", metavar="TEXT", help="say this at once")
    demo.set_defaults(run=_command("demo"))

    serve = commands.add_parser("serve", help="the same server, by your settings")
    serve.add_argument("-c", "--config", type=Path, metavar="FILE", help="default: bridge.toml in your folder")
    _add_server(serve)
    serve.set_defaults(run=_command("serve"))

    say = commands.add_parser("say", help="speak a text aloud, into files or to engines")
    _add_text(say)
    _add_output(say, ".npz, .csv or .wav")
    say.set_defaults(run=_command("say"))

    animate = commands.add_parser("animate", help="a recording to face and body motion, into files or to engines")
    animate.add_argument("audio", metavar="AUDIO", type=Path, help="wav, flac, mp3, ogg, m4a, or a film")
    _add_output(animate, ".npz or .csv")
    animate.set_defaults(run=_command("animate"))

    chat = commands.add_parser("chat", help="a conversation in the terminal, typed or spoken")
    chat.add_argument("-c", "--config", type=Path, metavar="FILE", help="default: bridge.toml in your folder")
    chat.add_argument("--mic", action="store_true", help="listen to this machine's microphone too")
    chat.add_argument("--mute", action="store_true", help="write the answers only")
    _add_sinks(chat)
    chat.set_defaults(run=_command("chat"))

    play = commands.add_parser("play", help="a take to engines, in real time")
    play.add_argument("take", metavar="TAKE", type=Path, help="an .npz or .csv file")
    _add_sinks(play, required=True)
    play.set_defaults(run=_command("play"))

    rigs = commands.add_parser("rigs", help="list the rigs, or check one")
    what = rigs.add_subparsers(metavar="WHAT")
    what.add_parser("list", help="the rigs there are (the default)")
    check = what.add_parser("check", help="read a rig file and say what is wrong with it")
    check.add_argument("file", metavar="FILE", type=Path)
    rigs.set_defaults(run=_command("list_rigs"))
    check.set_defaults(run=_command("check_rig"))

    avatar = commands.add_parser("avatar", help="write the default avatar for use elsewhere")
    avatar.add_argument("out", metavar="OUT", type=Path, help="a .glb or .vrm file")
    avatar.add_argument("--variation", default="default", metavar="NAME")
    avatar.set_defaults(run=_command("avatar"))

    doctor = commands.add_parser("doctor", help="what works here, and how to mend what does not")
    doctor.add_argument("--json", action="store_true", help="one JSON object on standard output")
    doctor.set_defaults(run=_command("doctor"))

    bench = commands.add_parser("bench", help="this machine's figures: speed, first sound, first frame, stop")
    bench.add_argument("--json", action="store_true", help="one JSON object on standard output")
    bench.add_argument("--rounds", type=int, default=50, help="how often first sound and stop are measured")
    bench.set_defaults(run=_command("bench"))
    return parser


def _add_server(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", help="the address to listen on (default: 127.0.0.1; others need a token)")
    parser.add_argument("--port", type=int, help="default: 8765")
    parser.add_argument("--token", help="what clients must know (or AVATAR_BRIDGE_TOKEN)")
    parser.add_argument("--tls-cert", metavar="FILE", help="a certificate, for HTTPS")
    parser.add_argument("--tls-key", metavar="FILE", help="its key")
    _add_sinks(parser)


def _add_text(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", metavar="TEXT")
    parser.add_argument("--lang", default="", help="such as en, zh, de; default: by the script of the text")
    parser.add_argument("--voice", default="", help="a variant of the voice, such as f2")
    parser.add_argument("--lips", default="", metavar="BY", help="model: the sound; phones: what the voice tells")


def _add_output(parser: argparse.ArgumentParser, endings: str) -> None:
    parser.add_argument(
        "-o", "--out", action="append", default=[], metavar="OUT", help=f"{endings}; may be given several times"
    )
    _add_sinks(parser)
    parser.add_argument("--emotion", default="neutral", metavar="NAME", help=", ".join(EMOTIONS))
    parser.add_argument("--intensity", type=float, default=1.0, help="of the emotion, 0 to 1")
    parser.add_argument("--style", default="", metavar="NAME", help="the face model's manner of speaking")
    parser.add_argument(
        "--seed", type=int, default=0, help="of what is drawn by chance; the same seed, the same blinks"
    )
    parser.add_argument("--raw", action="store_true", help="the face model's output alone, without the layers")


def _add_sinks(parser: argparse.ArgumentParser, *, required: bool = False) -> None:
    parser.add_argument(
        "--to",
        action="append",
        default=[],
        required=required,
        metavar="SINK",
        help="in real time, to livelink://host:11111, vmc://host:39539, audio://default and others; several may follow",
    )


def _command(name: str) -> Callable[[argparse.Namespace], int]:
    """The function `name` of `bridge.commands`, imported when it is run."""

    def run(args: argparse.Namespace) -> int:
        command: Callable[[argparse.Namespace], int] = getattr(importlib.import_module("bridge.commands"), name)
        return command(args)

    return run


if __name__ == "__main__":
    sys.exit(main())
