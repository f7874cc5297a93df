"""The sizes of the face network. Kept in every checkpoint, so that weights are never read with other ones."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.dsp import logmel
from bridge.types import EMOTIONS, SHAPE_COUNT

TEACHER = "teacher"
"""The style of the articulation model."""
NATURAL = "natural"
"""The style of a recorded speaker with lips that meet and round as the articulation model's do."""
NATURAL_SPEAKER = "grid"
"""That speaker."""


@dataclass(frozen=True)
class FaceNetConfig:
    """Frames are of 1/60 s everywhere."""

    styles: tuple[str, ...] = ("grid", "facegood", TEACHER, NATURAL)
    """Manners of speaking: recorded speakers, the articulation model's, and the default one."""
    lookahead_frames: tuple[int, ...] = (0, 3, 6, 12)
    past_rows: int = 8
    """Log-mel rows before a frame that the front sees."""
    row_taps: int = 3
    row_hidden: int = 160
    row_width: int = 96
    front_hidden: int = 224
    width: int = 192
    layers: int = 4
    heads: int = 4
    feedforward: int = 448
    past_frames: int = 60
    """How far back each attention layer looks."""
    mel_width: int = logmel.ROW_WIDTH
    shape_count: int = SHAPE_COUNT
    emotion_count: int = len(EMOTIONS)
    dropout: float = 0.1
    noise_hz: tuple[float, ...] = (*(0.15,) * 3, *(0.3,) * 3, *(0.6,) * 4, *(1.2,) * 4, *(2.5,) * 4, *(5.0,) * 3)
    """Knots a second of each channel of the noise (`bridge.dsp.noise.Noise`) that all but the lips is drawn from."""
    life_width: int = 128
    life_layers: int = 2
    life_feedforward: int = 256
    life_past_frames: int = 120
    joints: tuple[str, ...] = (
        *("spine1", "spine2", "spine3", "left_collar", "right_collar"),
        *("left_shoulder", "right_shoulder", "left_elbow", "right_elbow"),
    )
    """Of SMPL's, those that speak along. The neck takes its share of the head's rotation."""
    phone_count: int = 40
    """Classes of the phone head that helps in training and is left out of the exported network."""

    @property
    def future_rows(self) -> int:
        """The longest lookahead."""
        return max(self.lookahead_frames)

    @property
    def window_rows(self) -> int:
        """Log-mel rows that the front sees at once."""
        return self.past_rows + 1 + self.future_rows

    @property
    def states(self) -> dict[str, tuple[int, ...]]:
        """Shape [1, rows, width] of each state array, for one stream: the rows last seen, the newest behind."""
        trunk = (1, self.past_frames, self.width)
        life = (1, self.life_past_frames, self.life_width)
        return {
            "mel_past": (1, self.row_taps - 1, self.mel_width),
            "row_past": (1, self.window_rows - 1, self.row_width),
            **{name: trunk for i in range(self.layers) for name in pasts_of("trunk", i)},
            **{name: life for i in range(self.life_layers) for name in pasts_of("life", i)},
        }


def pasts_of(part: str, layer: int) -> tuple[str, str]:
    """What the keys and the values that a layer of "trunk" or "life" has seen are called in the state."""
    return f"{part}_key_past_{layer}", f"{part}_value_past_{layer}"
