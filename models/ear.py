"""The head for phones, kept beside the weights that ship: a face does without it, aligning transcripts does not."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import torch

from bridge.errors import ModelError
from models.model import FaceNet

FILE = "phones.npz"


def is_kept(folder: Path) -> bool:
    """Whether a folder of weights has a head for phones."""
    return (folder / FILE).is_file()


def forget(network: FaceNet) -> None:
    """Say of a network that its head for phones knows nothing: chance would look like knowledge."""
    with torch.no_grad():
        for parameter in network.phones.parameters():
            parameter.zero_()


def keep(network: FaceNet, folder: Path) -> None:
    """Write a network's head for phones beside the `face.onnx` of the same network, if it knows anything."""
    if not network.phones.weight.any():
        (folder / FILE).unlink(missing_ok=True)
        return
    head = {
        name: array.detach().cpu().numpy().astype(np.float16) for name, array in network.phones.state_dict().items()
    }
    np.savez(folder / FILE, of=_print(folder), **head)


def restore(network: FaceNet, folder: Path) -> None:
    """Give a network read from `folder` its head for phones again. Raises ModelError where there is none that fits."""
    path = folder / FILE
    if not is_kept(folder):
        raise ModelError(
            f"{folder} can't be listened with: beside its face.onnx there is no {FILE}, the head for phones that "
            "aligning needs; give a checkpoint, such as models/runs/main/last.pt."
        )
    try:
        with np.load(path, allow_pickle=False) as z:
            of, head = str(z["of"]), {name: torch.from_numpy(z[name].astype(np.float32)) for name in ("weight", "bias")}
        network.phones.load_state_dict(head)
    # Damaged bytes make NumPy and zipfile raise nearly anything.
    except Exception as e:
        raise ModelError(f"{path} is no head for phones: {e}") from e
    if of != _print(folder):
        raise ModelError(f"{path} was kept beside another face.onnx; export both anew, or give a checkpoint.")


def _print(folder: Path) -> str:
    return hashlib.sha256((folder / "face.onnx").read_bytes()).hexdigest()
