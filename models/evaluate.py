"""How good it is, beside the baselines, in one command:

    python -m models.evaluate ../shared models/cache/packed --weights models/weights

prints a table for each set kept out of training. The figures are those of `eval/evaluate.py` in the shared folder,
called once a clip, and for recorded faces lve_mm and fdd_mm (`models/vertices.py`); means over clips, except
jitter_ratio and offset_ms, which are medians.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import io
import json
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType

import numpy as np
from tqdm import tqdm

from bridge.body.rotation import quaternion
from bridge.errors import BridgeError
from bridge.face.articulation import curves
from bridge.onnx import FaceNetwork
from bridge.timebase import SAMPLE_RATE_HZ, frames_for_samples
from bridge.types import ARKIT_BLENDSHAPES, F32, SHAPE_INDEX, Motion, Phone
from models import baselines, command, filmstrip, report, told, vertices
from models.data import labelled, pack
from models.data.audio import read_mono
from models.data.sentences import SENTENCES
from models.data.split import split_of
from models.losses import ROUNDING, lip_gap_of
from models.peers import stored as stored_peers
from models.vertices import Head
from tools.browser import PageError

Predict = Callable[["Item"], F32 | None]
RECORDED_FIGURES = (
    *("gap_r", "gap_r_at_offset", "jaw_r", "mouth_r", "offset_ms", "range_ratio", "jitter_ratio"),
    *("lve_mm", "fdd_mm"),
)
LABELLED_FIGURES = (
    "closure_recall",
    "open_recall",
    "round_recall",
    "spread_precision",
    "open_stays_open",
    "silence_gap",
)
MEDIANS = ("offset_ms", "jitter_ratio")


@dataclass(frozen=True)
class Item:
    """Something to speak, and what is known of how it should look."""

    name: str
    samples: F32
    reference: Path | None = None
    jaw_p99: float = 0.0
    phones: tuple[Phone, ...] = ()
    silences_s: tuple[float, ...] = field(default=())


class Judge:
    """The shared evaluation script, in this process, and the figures that need a head, where one is given."""

    def __init__(self, script: Path, head: Head | None = None) -> None:
        self._head = head
        spec = importlib.util.spec_from_file_location("shared_evaluate", script)
        assert spec is not None and spec.loader is not None, f"{script} is no Python file"
        self._script: ModuleType = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self._script)

    def figures(self, face: F32, item: Item) -> dict[str, float]:
        """What is found of a face [T, 52] of the item; empty where it can't be compared."""
        wanted = recording(item)
        found = self._printed(face, item)
        if found and self._head is not None and wanted is not None:
            found.update(vertices.figures(self._head, face, wanted))
        return found

    def life(self, shown: Motion) -> dict[str, float]:
        """What is found of brows, lids and head."""
        with tempfile.TemporaryDirectory() as folder:
            prediction = Path(folder) / "prediction.npz"
            head = quaternion(shown.head_rad)
            np.savez(prediction, arkit=shown.face, names=ARKIT_BLENDSHAPES, fps_num=60, fps_den=1, head_wxyz=head)
            return self._run([str(prediction)])

    def _printed(self, face: F32, item: Item) -> dict[str, float]:
        with tempfile.TemporaryDirectory() as folder:
            prediction = Path(folder) / "prediction.npz"
            np.savez(prediction, arkit=face, names=ARKIT_BLENDSHAPES, fps_num=60, fps_den=1)
            arguments = [str(prediction)]
            if item.reference is not None:
                arguments += ["--ref", str(item.reference), "--jaw-p99", str(item.jaw_p99)]
            if item.phones:
                labels = Path(folder) / "phones.json"
                labels.write_text(json.dumps([[p.start_s, p.end_s, p.ipa] for p in item.phones]), "utf-8")
                arguments += ["--phones", str(labels)]
            if item.silences_s:
                arguments += ["--silence", *map(str, item.silences_s)]
            return self._run(arguments)

    def _run(self, arguments: list[str]) -> dict[str, float]:
        before, sys.argv = sys.argv, ["evaluate.py", *arguments]
        try:
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                self._script.main()
            return {k: v for k, v in json.loads(printed.getvalue()).items() if v is not None}
        except SystemExit:
            # A clip in which nothing moves can't be compared.
            return {}
        finally:
            sys.argv = before


def recorded_sets(data: Path) -> dict[str, list[Item]]:
    """The recorded pairs that are not trained on, by set."""
    sets: dict[str, list[Item]] = {}
    for folder in ("pairs/grid_s1", "pairs/facegood_zh", "pairs/grid_others", "pairs/hdtf", "more/pairs/lrwar_ar"):
        paths = sorted((data / folder).glob("*.npz"))
        kept = [p for p in paths if split_of(f"{folder}/{p.stem}") != "train"]
        if not kept:
            continue
        split = split_of(f"{folder}/{kept[0].stem}")
        p99 = _jaw_p99(paths) if split == "seen" else 0.0
        name = f"{split}: {folder.rpartition('/')[2]}"
        sets[name] = [Item(p.stem, read_mono(p.with_suffix(".ogg")), p, p99) for p in kept]
    return sets


def with_phones(
    sets: dict[str, list[Item]], phones: Callable[[Path, Path], tuple[Phone, ...]]
) -> dict[str, list[Item]]:
    """The recorded pairs with their phones, where these can be told."""
    return {
        name: [
            item
            if item.reference is None
            else replace(item, phones=phones(item.reference, item.reference.with_suffix(".ogg")))
            for item in items
        ]
        for name, items in sets.items()
    }


def labelled_sets(data: Path, aligned: Path | None) -> dict[str, list[Item]]:
    """Speech with known phones that is not trained on: held-out sentences of each language, and held-out speakers."""
    sets = {
        f"synthetic: {lang}": [
            _labelled(f"{lang}_{i}", said) for i, said in enumerate(labelled.held_out_synthetic(lang))
        ]
        for lang in SENTENCES
    }
    for path in sorted(aligned.glob("*.jsonl")) if aligned else ():
        said = list(labelled.aligned_speech(path, data / "more" / "speech", "unseen"))[:60]
        if said:
            sets[f"unseen voices: {path.stem}"] = [_labelled(f"{path.stem}_{i}", s, False) for i, s in enumerate(said)]
    return sets


def _labelled(name: str, said: labelled.Labelled, silent_ends: bool = True) -> Item:
    end_s = len(said.samples) / SAMPLE_RATE_HZ
    # The mouth may part a little before the first sound, and takes its time to shut after the last.
    silences = (0.0, labelled.EDGE_S - 0.2, end_s - labelled.EDGE_S + 0.2, end_s) if silent_ends else ()
    return Item(name, said.samples, phones=said.phones, silences_s=silences)


def _jaw_p99(paths: Iterable[Path]) -> float:
    jaws = []
    for path in paths:
        with np.load(path, allow_pickle=False) as z:
            jaws.append(z["arkit"][:, list(z["names"]).index("jawOpen")].astype(np.float32))
    return float(np.percentile(np.concatenate(jaws), 99))


def network(weights: Path, lookahead_ms: int, style: str | None = None, precision: str = "single") -> Predict:
    """The network of a folder, as it ships, over a whole recording."""
    shared = FaceNetwork(weights, precision=precision)

    def predict(item: Item) -> F32:
        stream = shared.stream(lookahead_ms)
        stream.set_style(style)
        return np.concatenate([stream.push(item.samples).face, stream.flush().face])

    return predict


def teacher(item: Item) -> F32 | None:
    """The articulation model, where phones are known."""
    return curves(item.phones, frames_for_samples(len(item.samples))) if item.phones else None


def recording(item: Item) -> F32 | None:
    """The recorded face itself, its jaw scaled: the ceiling of gap_r."""
    if item.reference is None:
        return None
    with np.load(item.reference, allow_pickle=False) as z:
        face = z["arkit"].astype(np.float32)[:, [list(z["names"]).index(n) for n in ARKIT_BLENDSHAPES]]
    jaw = SHAPE_INDEX["jawOpen"]
    p99 = item.jaw_p99 or float(np.percentile(face[:, jaw], 99))
    face[:, jaw] = np.clip(face[:, jaw] * 0.5 / max(p99, 0.05), 0, 1)
    return face


def measure(judge: Judge, items: list[Item], predict: Predict, label: str) -> dict[str, float]:
    """The figures of a way of speaking over a set; empty where it can't speak it."""
    rows = [row for row in each(judge, items, predict, label) if row]
    names = [n for n in (*RECORDED_FIGURES, *LABELLED_FIGURES) if any(n in row for row in rows)]
    return {n: _summary(n, [row[n] for row in rows if n in row]) for n in names}


def each(judge: Judge, items: list[Item], predict: Predict, label: str) -> list[dict[str, float]]:
    """The figures of each item; empty for one that can't be spoken or compared."""
    faces = (predict(item) for item in tqdm(items, label, mininterval=5, leave=False))
    return [{} if face is None else judge.figures(face, item) for item, face in zip(items, faces, strict=True)]


def worst(judge: Judge, items: list[Item], predict: Predict, count: int = 3) -> list[report.Chart]:
    """Charts of the clips that come out worst: the lip gap beside the recorded or the articulation model's."""
    rows = each(judge, items, predict, "worst clips")
    by = "gap_r" if any("gap_r" in row for row in rows) else "closure_recall"
    order = sorted(range(len(items)), key=lambda i: rows[i].get(by, 1.0))[:count]
    charts = []
    for item, row in ((items[i], rows[i]) for i in order):
        wanted = recording(item) if item.reference else teacher(item)
        spoken = predict(item)
        if wanted is None or spoken is None:
            continue
        name = "recorded" if item.reference else "articulation model"
        worst_of = f"{item.name} ({by} {row[by]:.2f})" if by in row else item.name
        for what, curve in (("lips apart", lip_gap_of), ("lips rounded", rounding_of)):
            charts.append(report.Chart(f"{worst_of}, {what}", {name: curve(wanted), "network": curve(spoken)}))
    return charts


def rounding_of(face: F32) -> F32:
    """How rounded the lips are, [T] of faces [T, 52]."""
    return np.asarray(face[:, ROUNDING].sum(1), np.float32)


def film(weights: Path) -> report.Film:
    """The filmstrip of the report, if there is a browser to render it."""
    try:
        return report.Film(filmstrip.SENTENCE, filmstrip.strip(FaceNetwork(weights)))
    except (BridgeError, PageError, OSError) as e:
        return report.Film(filmstrip.SENTENCE, failure=f"It could not be rendered: {e}")


def _summary(name: str, values: list[float]) -> float:
    return float(np.median(values) if name in MEDIANS else np.mean(values))


def table(title: str, results: dict[str, dict[str, float]]) -> str:
    """A Markdown table, a row a way of speaking."""
    columns = list(dict.fromkeys(name for row in results.values() for name in row))
    lines = [f"\n{title}\n", "| | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for label, row in results.items():
        cells = [f"{row[c]:.3f}" if c in row else "" for c in columns]
        lines.append(f"| {label} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def thinned(items: list[Item], most: int | None) -> list[Item]:
    """At most so many items, spread evenly over all."""
    return items[:: -(-len(items) // most)] if most else items


def peer(folder: Path) -> Predict:
    """What a peer made of the clips, as `models.peers` kept it; None for the others."""

    def predict(item: Item) -> F32 | None:
        path = folder / f"{item.name}.npz"
        return stored_peers.read(path, item.samples) if path.is_file() else None

    return predict


def ways_of(args: argparse.Namespace) -> dict[str, Predict]:
    """All that is measured, by name; the network as it ships comes first."""
    ways: dict[str, Predict] = {f"network, {ms} ms": network(args.weights, ms) for ms in args.lookahead_ms}
    if args.int8:
        ways["network, int8"] = network(args.weights, args.lookahead_ms[0], precision="int8")
    ways.update({f"network, {s}": network(args.weights, args.lookahead_ms[0], s) for s in args.styles})
    if args.layers:
        layered = FaceNetwork(args.weights)
        ways["network with layers"] = lambda item: filmstrip.played(layered, item.samples, "neutral").face
    if not args.no_baselines:
        ridge = baselines.Ridge([pack.read(p) for p in sorted(args.packs.glob("*_0.npz"))])
        ways["teacher"] = teacher
        ways["ridge on log-mel"] = lambda item: ridge(item.samples)
        vowels = baselines.VowelClassifier([pack.read(args.packs / "librispeech_0.npz")])
        ways["vowels by MFCC"] = lambda item: vowels(item.samples)
        ways["loudness"] = lambda item: baselines.loudness_jaw(item.samples)
        ways["the recording"] = recording
    if args.peers:
        ways.update({name: peer(args.peers / name) for name in stored_peers.peers(args.peers)})
    return ways


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path, help="the folder that holds data/ and eval/")
    parser.add_argument("packs", type=Path, help="the folder that models.data.build wrote, for the ridge regression")
    parser.add_argument("--weights", type=Path, default=Path("models/weights"))
    parser.add_argument("--lookahead-ms", type=int, nargs="+", default=[100])
    parser.add_argument("--styles", nargs="*", default=[], help="also each of these styles by itself")
    parser.add_argument("--aligned", type=Path, help="the folder that models.data.align wrote, for held-out voices")
    parser.add_argument(
        "--listen", type=Path, metavar="CHECKPOINT", help="also the figures of phones on recorded English, by its ear"
    )
    parser.add_argument("--int8", action="store_true", help="also the face.int8.onnx of --weights")
    parser.add_argument("--layers", action="store_true", help="also as `animate` writes it, with blinks and brows")
    parser.add_argument("--no-baselines", action="store_true")
    parser.add_argument("--peers", type=Path, help="also other people's lip sync: the folder that models.peers wrote")
    parser.add_argument(
        "--report", type=Path, help="also write a page: all emotions as a filmstrip, the worst clips' curves"
    )
    parser.add_argument("--sets", nargs="*", help="only sets whose name contains one of these")
    parser.add_argument("--most", type=int, help="at most so many clips of a set, spread over it")
    args = parser.parse_args()
    head = args.shared / "data" / "reference" / "ict_facekit_arkit_morphs.npz"
    judge = Judge(args.shared / "eval" / "evaluate.py", Head.read(head) if head.is_file() else None)
    ways = ways_of(args)
    recorded = recorded_sets(args.shared / "data")
    if args.listen:
        recorded = with_phones(recorded, told.teller(args.shared / "data", args.listen))
    sets = {**recorded, **labelled_sets(args.shared / "data", args.aligned)}
    sections: list[report.Section] = []
    shown = film(args.weights) if args.report else None
    for title, whole in sets.items():
        if args.sets and not any(s in title for s in args.sets):
            continue
        items = thinned(whole, args.most)
        results = {label: measure(judge, items, predict, label) for label, predict in ways.items()}
        seconds = sum(len(i.samples) for i in items) / SAMPLE_RATE_HZ
        found = {label: row for label, row in results.items() if row}
        heading = f"{title} ({len(items)} clips, {seconds:.0f} s)"
        print(table(heading, found), flush=True)
        if args.report:
            sections.append(report.Section(heading, found, worst(judge, items, next(iter(ways.values())))))
            report.write(args.report, sections, shown)


if __name__ == "__main__":
    sys.exit(command.run(main))
