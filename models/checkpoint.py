"""Checkpoints: the network, its sizes, and all that training needs to go on."""

from __future__ import annotations

import hashlib
import os
import pickle
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from bridge.errors import ModelError
from models.config import FaceNetConfig
from models.model import FaceNet

# What reading a file that is cut off, or another kind of file, has been seen to raise.
BROKEN = (OSError, RuntimeError, LookupError, TypeError, ValueError, AttributeError, EOFError, pickle.PickleError)


def save(path: Path, network: FaceNet, **training: Any) -> None:
    """Write a checkpoint whole or not at all, so that a kill leaves the last one."""
    partial = path.with_suffix(".partial")
    torch.save({"config": asdict(network.config), "network": network.state_dict(), **training}, partial)
    os.replace(partial, path)


def fingerprint(network: FaceNet) -> str:
    """One text for the weights of a network, the head for phones aside: others give another."""
    total = hashlib.sha256()
    for name, array in network.state_dict().items():
        if not name.startswith("phones."):
            total.update(array.detach().cpu().numpy().tobytes())
    return total.hexdigest()


def load(path: Path) -> dict[str, Any]:
    """Read a checkpoint. Raises ModelError naming the file."""
    try:
        found = dict(torch.load(path, map_location="cpu", weights_only=True))
        FaceNetConfig(**found["config"])
        found["network"].keys()
        return found
    except BROKEN as e:
        raise ModelError(f"{path} is no checkpoint of this program: {str(e) or 'its end is missing'}") from e


def load_network(path: Path) -> FaceNet:
    """The network of a checkpoint. Raises ModelError naming the file."""
    found = load(path)
    network = FaceNet(FaceNetConfig(**found["config"]))
    try:
        network.load_state_dict(found["network"])
    except RuntimeError as e:
        raise ModelError(f"{path} does not fit the sizes it names: {e}") from e
    return network.eval()
