"""The face network: log-mel rows to ARKit shapes, streaming, with a bounded lookahead.

After FaceFormer (Fan et al., "FaceFormer: Speech-Driven 3D Facial Animation with Transformers", CVPR 2022): an audio
encoder, self-attention biased towards the recent past, and style vectors. Unlike it, nothing is fed back from the
output, and each layer sees a fixed stretch of the past, so that a stream needs a state of fixed size:

    mel rows -> row encoder (causal) -> window of rows around the frame -> attention layers (causal) -> lips
                                                                   noise -> attention layers (causal) -> life

Lips are a function of the sound. Brows, head, gaze and body are not: many motions go with one sentence, and their mean
is none of them. So they are drawn, as a function of the sound and of noise (`models/life.py`).

The lookahead enters once, in the window: a frame sees the rows after it up to the lookahead, the others are masked.
Frames come out as many as rows go in, those of the rows `lookahead` earlier. The distance bias is ALiBi's (Press et
al., "Train Short, Test Long", ICLR 2022).
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from bridge.types import ARKIT_BLENDSHAPES
from models.config import FaceNetConfig, pasts_of

State = dict[str, Tensor]
"""The arrays of `FaceNetConfig.states`, for B streams."""
Past = tuple[Tensor, Tensor]
"""Keys and values that a layer has seen, [B, past, width]."""

# Not minus infinity: int8 and half precision have to carry it too.
MASKED = -1e4
# What is drawn comes in very different sizes; the last layer works in these units, so that all are learned alike.
BROW_UNIT = 0.05
HEAD_UNIT_RAD = 0.02
GAZE_UNIT_RAD = 0.1
JOINT_UNITS_RAD = {"spine": 0.02, "collar": 0.02, "shoulder": 0.2, "elbow": 0.4}
BROWS = [i for i, name in enumerate(ARKIT_BLENDSHAPES) if name.startswith("brow")]


def alibi_slopes(heads: int) -> Tensor:
    """The geometric series of Press et al., stretched so that the gentlest head nearly ignores distance: [heads]."""
    return 2.0 ** -torch.linspace(1, 8, heads)


def distance_bias(frames: int, past: int, slopes: Tensor) -> Tensor:
    """Bias [1, heads, frames, past + frames] of frame i on key j, which lies past + i - j frames before it."""
    keys = torch.arange(past + frames, device=slopes.device)
    distance = torch.arange(past, past + frames, device=slopes.device)[:, None] - keys
    # Looked up, which takes fewer operations than computing it.
    table = F.pad(-slopes[:, None] * torch.arange(past + 1, device=slopes.device), (1, 1), value=MASKED)
    found = table.index_select(1, (distance.clamp(-1, past + 1) + 1).flatten())
    return found.unflatten(1, distance.shape)[None]


class RowEncoder(nn.Module):
    """Each row with the few before it: [B, T, mel] to [B, T, row_width]."""

    def __init__(self, c: FaceNetConfig) -> None:
        super().__init__()
        self.taps = c.row_taps
        self.hidden = nn.Linear(c.row_taps * c.mel_width, c.row_hidden)
        self.out = nn.Linear(c.row_hidden, c.row_width)

    def forward(self, mel: Tensor, past: Tensor) -> tuple[Tensor, Tensor]:
        rows = torch.cat([past, mel], 1)
        count = mel.shape[1]
        stacked = torch.cat([rows[:, i : i + count] for i in range(self.taps)], -1)
        return self.out(F.gelu(self.hidden(stacked))), rows[:, count:]


class Front(nn.Module):
    """The rows around each frame, those beyond the lookahead masked: [B, T, row_width] to [B, T, width]."""

    def __init__(self, c: FaceNetConfig) -> None:
        super().__init__()
        self.past, self.future, self.window = c.past_rows, c.future_rows, c.window_rows
        self.register_buffer("lookahead_frames", torch.tensor(c.lookahead_frames), persistent=False)
        self.hidden = nn.Linear(c.window_rows * c.row_width, c.front_hidden)
        self.out = nn.Linear(c.front_hidden, c.width)
        self.lookahead = nn.Embedding(len(c.lookahead_frames), c.front_hidden)

    def forward(self, rows: Tensor, past: Tensor, lookahead: Tensor) -> tuple[Tensor, Tensor]:
        joined = torch.cat([past, rows], 1)
        # Tap `past` of a window is the frame's own row. The newest row is `ahead` after it; later taps are unheard.
        unheard = self.future - self.lookahead_frames[lookahead]
        # The same sum in two ways: one is quicker to learn with, the other to run a few frames at a time.
        sums = self._convolution(joined, unheard) if self.training else self._windows(joined, unheard, rows.shape[1])
        return self.out(F.gelu(sums + self.lookahead(lookahead))), joined[:, rows.shape[1] :]

    def _convolution(self, joined: Tensor, unheard: Tensor) -> Tensor:
        taps = torch.arange(self.window, device=joined.device) - unheard
        kernel = self.hidden.weight.unflatten(1, (self.window, -1)).index_select(1, taps.clamp(min=0))
        kernel = (kernel * (taps >= 0)[:, None]).transpose(1, 2)
        return F.conv1d(joined.transpose(1, 2), kernel, self.hidden.bias).transpose(1, 2)

    def _windows(self, joined: Tensor, unheard: Tensor, count: int) -> Tensor:
        taps = torch.arange(self.window, device=joined.device)
        index = torch.arange(count, device=joined.device)[:, None] + unheard + taps
        windows = joined.index_select(1, index.clamp(max=self.window - 2 + count).flatten())
        heard = windows.unflatten(1, index.shape) * (taps < self.window - unheard)[:, None]
        return self.hidden(heard.flatten(2))


class Layer(nn.Module):
    """Attention over the recent past, then a feed-forward network; each normalises its input, frame by frame."""

    def __init__(self, width: int, heads: int, feedforward: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.attention_norm = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.mix = nn.Linear(width, width)
        self.feedforward_norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, feedforward)
        self.down = nn.Linear(feedforward, width)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor, past: Past, bias: Tensor) -> tuple[Tensor, Past]:
        """What has been seen comes before x [B, T, width]; as many of the newest are handed back."""
        count = past[0].shape[1]
        q, k, v = self.qkv(self.attention_norm(x)).chunk(3, -1)
        keys, values = torch.cat([past[0], k], 1), torch.cat([past[1], v], 1)
        by_head = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in (q, keys, values))
        heard = F.scaled_dot_product_attention(*by_head, attn_mask=bias).transpose(1, 2).flatten(2)
        x = x + self.drop(self.mix(heard))
        x = x + self.drop(self.down(F.gelu(self.up(self.feedforward_norm(x)))))
        return x, (keys[:, -count:], values[:, -count:])


class Layers(nn.ModuleList):
    """Layers one after another."""

    def forward(self, x: Tensor, pasts: list[Past], bias: Tensor) -> tuple[Tensor, list[Past]]:
        """As one `Layer`, with what each has seen."""
        following = []
        for layer, past in zip(self, pasts, strict=True):
            x, seen = layer(x, past, bias)
            following.append(seen)
        return x, following


def pasts_in(state: State, part: str, layers: int) -> list[Past]:
    """What each of the layers of a part has seen."""
    return [(state[keys], state[values]) for keys, values in (pasts_of(part, i) for i in range(layers))]


def state_of(part: str, pasts: list[Past]) -> State:
    """The arrays of the state that `pasts_in` reads."""
    return {name: x for i, past in enumerate(pasts) for name, x in zip(pasts_of(part, i), past, strict=True)}


class Moved(NamedTuple):
    """What is drawn, [B, T, ...]: brows, head and joints as rotation vectors, gaze as yaw and pitch (rad)."""

    brows: Tensor
    """[B, T, 5], of which 0..1 is shown"""
    head: Tensor
    """[B, T, 3]"""
    gaze: Tensor
    """[B, T, 2]"""
    body: Tensor
    """[B, T, joints, 3], to be added to how the character stands"""


class Life(nn.Module):
    """Brows, head, gaze and body, drawn from noise for what is heard and said."""

    def __init__(self, c: FaceNetConfig) -> None:
        super().__init__()
        width = c.life_width
        self.past = c.life_past_frames
        self.register_buffer("slopes", alibi_slopes(c.heads), persistent=False)
        # What the front gives is of any size; unchecked, it drowns the noise.
        self.heard_norm = nn.LayerNorm(c.width)
        self.heard = nn.Linear(c.width, width)
        self.said = nn.Linear(c.width, width)
        self.noise = nn.Linear(len(c.noise_hz), width)
        self.layers = Layers(Layer(width, c.heads, c.life_feedforward, c.dropout) for _ in range(c.life_layers))
        self.norm = nn.LayerNorm(width)
        self.sizes = (len(BROWS), 3, 2, 3 * len(c.joints))
        self.out = nn.Linear(width, sum(self.sizes))
        joints = [unit for joint in c.joints for name, unit in JOINT_UNITS_RAD.items() if name in joint for _ in "xyz"]
        units = [*(BROW_UNIT,) * len(BROWS), *(HEAD_UNIT_RAD,) * 3, *(GAZE_UNIT_RAD,) * 2, *joints]
        self.register_buffer("units", torch.tensor(units), persistent=False)
        with torch.no_grad():
            # Motion begins as noise alone, which is smooth; how far it follows the sound is learned.
            self.heard.weight.mul_(0.2)
            self.said.weight.mul_(0.2)
            self.out.weight.mul_(0.1)
            self.out.bias.zero_()

    def forward(self, heard: Tensor, said: Tensor, noise: Tensor, pasts: list[Past]) -> tuple[Moved, list[Past]]:
        """From what is heard (as the front gives it) and said (as the trunk does), [B, T, width], and the noise."""
        x = self.heard(self.heard_norm(heard)) + self.said(said) + self.noise(noise)
        x, pasts = self.layers(x, pasts, distance_bias(x.shape[1], self.past, self.slopes))
        brows, head, gaze, body = (self.out(self.norm(x)) * self.units).split(self.sizes, -1)
        return Moved(brows, head, gaze, body.unflatten(-1, (-1, 3))), pasts


class Query(NamedTuple):
    """What the network is asked with, beside its state."""

    mel: Tensor
    """[B, T, 128]"""
    style: Tensor
    """[B, S]"""
    emotion: Tensor
    """[B, 8]"""
    lookahead: Tensor
    """[] which of those there are"""
    noise: Tensor
    """[B, T, N]"""


class Face(NamedTuple):
    """What the network yields for each frame."""

    face: Tensor
    """[B, T, 52] in 0..1"""
    head: Tensor
    """[B, T, 3] rotation vectors"""
    gaze: Tensor
    """[B, T, 2]"""
    body: Tensor
    """[B, T, joints, 3]"""


class FaceNet(nn.Module):
    """Rows of log-mel to face, head, gaze and body, with the state of the stream in and out."""

    def __init__(self, config: FaceNetConfig) -> None:
        super().__init__()
        self.config = c = config
        self.rows = RowEncoder(c)
        self.front = Front(c)
        self.style = nn.Linear(len(c.styles), c.width, bias=False)
        self.emotion = nn.Linear(c.emotion_count, c.width, bias=False)
        self.layers = Layers(Layer(c.width, c.heads, c.feedforward, c.dropout) for _ in range(c.layers))
        self.norm = nn.LayerNorm(c.width)
        # Each style has its own last layer, so that styles blend linearly before the squashing.
        self.face = nn.Parameter(torch.randn(len(c.styles), c.width, c.shape_count) * 0.02)
        self.face_bias = nn.Parameter(torch.full((len(c.styles), c.shape_count), -2.0))
        self.life = Life(c)
        self.phones = nn.Linear(c.width, c.phone_count)
        # Sound says nothing of the eyes; those who ask for them elsewhere want zeros here. Brows are drawn.
        said = torch.tensor([not name.startswith(("eye", "brow")) for name in ARKIT_BLENDSHAPES])
        self.register_buffer("predicted", said.float(), persistent=False)
        self.register_buffer("brows", torch.eye(c.shape_count)[BROWS], persistent=False)
        self.register_buffer("slopes", alibi_slopes(c.heads), persistent=False)

    def silence(self, batch: int = 1) -> State:
        """The state of a stream that has heard nothing but silence."""
        return {k: self.face.new_zeros(batch, *shape[1:]) for k, shape in self.config.states.items()}

    def trunk(
        self, mel: Tensor, style: Tensor, emotion: Tensor, lookahead: Tensor, state: State
    ) -> tuple[Tensor, Tensor, State]:
        """What is said and what is heard, [B, T, width], for mel [B, T, 128], style [B, S], emotion [B, 8]."""
        rows, mel_past = self.rows(mel, state["mel_past"])
        heard, row_past = self.front(rows, state["row_past"], lookahead)
        x = heard + (self.style(style) + self.emotion(emotion))[:, None]
        bias = distance_bias(mel.shape[1], self.config.past_frames, self.slopes)
        x, pasts = self.layers(x, pasts_in(state, "trunk", len(self.layers)), bias)
        return self.norm(x), heard, {"mel_past": mel_past, "row_past": row_past, **state_of("trunk", pasts)}

    def lips(self, said: Tensor, style: Tensor) -> Tensor:
        """Faces [B, T, 52] in 0..1 without brows, of what `trunk` gave."""
        in_each = said[:, None] @ self.face
        blended = (style[:, None] @ in_each.flatten(2)).unflatten(-1, in_each.shape[2:])[:, 0]
        return torch.sigmoid(blended + (style @ self.face_bias)[:, None]) * self.predicted

    def forward(self, query: Query, state: State) -> tuple[Face, State]:
        """The frames that belong to the rows, and the following state."""
        said, heard, following = self.trunk(query.mel, query.style, query.emotion, query.lookahead, state)
        moved, pasts = self.life(heard, said, query.noise, pasts_in(state, "life", self.config.life_layers))
        face = self.lips(said, query.style) + moved.brows.clamp(0, 1) @ self.brows
        return Face(face, moved.head, moved.gaze, moved.body), {**following, **state_of("life", pasts)}
