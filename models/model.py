"""The face network: log-mel rows to ARKit shapes, streaming, with a bounded lookahead.

After FaceFormer (Fan et al., "FaceFormer: Speech-Driven 3D Facial Animation with Transformers", CVPR 2022): an audio
encoder, self-attention biased towards the recent past, and style vectors. Unlike it, nothing is fed back from the
output, and each layer sees a fixed stretch of the past, so that a stream needs a state of fixed size:

    mel rows -> row encoder (causal) -> window of rows around the frame -> attention layers (causal) -> heads

The lookahead enters once, in the window: a frame sees the rows after it up to the lookahead, the others are masked.
Frames come out as many as rows go in, those of the rows `lookahead` earlier. The distance bias is ALiBi's (Press et
al., "Train Short, Test Long", ICLR 2022).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from bridge.types import ARKIT_BLENDSHAPES
from models.config import FaceNetConfig

State = dict[str, Tensor]

# Not minus infinity: int8 and half precision have to carry it too.
MASKED = -1e4
MOST_HEAD_RAD = 0.6


def alibi_slopes(heads: int) -> Tensor:
    """The geometric series of Press et al., stretched so that the gentlest head nearly ignores distance: [heads]."""
    return 2.0 ** -torch.linspace(1, 8, heads)


def distance_bias(frames: int, past: int, slopes: Tensor) -> Tensor:
    """Bias [1, heads, frames, past + frames] of frame i on key j, which lies past + i - j frames before it."""
    keys = torch.arange(past + frames, device=slopes.device)
    queries = torch.arange(frames, device=slopes.device)
    distance = past + queries[:, None] - keys[None, :]
    seen = (distance >= 0) & (distance <= past)
    return torch.where(seen, -slopes[:, None, None] * distance, MASKED)[None]


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
        windows = joined[:, index.clamp(max=self.window - 2 + count)] * (taps < self.window - unheard)[:, None]
        return self.hidden(windows.flatten(2))


class Layer(nn.Module):
    """Attention over the recent past, then a feed-forward network; each normalises its input, frame by frame."""

    def __init__(self, c: FaceNetConfig) -> None:
        super().__init__()
        self.heads = c.heads
        self.attention_norm = nn.LayerNorm(c.width)
        self.qkv = nn.Linear(c.width, 3 * c.width)
        self.mix = nn.Linear(c.width, c.width)
        self.feedforward_norm = nn.LayerNorm(c.width)
        self.up = nn.Linear(c.width, c.feedforward)
        self.down = nn.Linear(c.feedforward, c.width)
        self.drop = nn.Dropout(c.dropout)

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def forward(self, x: Tensor, keys: Tensor, values: Tensor, bias: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """`keys`, `values` [B, past, width] come before x [B, T, width]; the last `past` of all are handed back."""
        count = x.shape[1]
        q, k, v = self.qkv(self.attention_norm(x)).chunk(3, -1)
        k, v = torch.cat([keys, k], 1), torch.cat([values, v], 1)
        heard = F.scaled_dot_product_attention(self._split(q), self._split(k), self._split(v), attn_mask=bias)
        x = x + self.drop(self.mix(heard.transpose(1, 2).flatten(2)))
        x = x + self.drop(self.down(F.gelu(self.up(self.feedforward_norm(x)))))
        return x, k[:, count:], v[:, count:]


class FaceNet(nn.Module):
    """Rows of log-mel to face and head, with the state of the stream in and out."""

    def __init__(self, config: FaceNetConfig) -> None:
        super().__init__()
        self.config = c = config
        self.rows = RowEncoder(c)
        self.front = Front(c)
        self.style = nn.Linear(len(c.styles), c.width, bias=False)
        self.emotion = nn.Linear(c.emotion_count, c.width, bias=False)
        self.layers = nn.ModuleList(Layer(c) for _ in range(c.layers))
        self.norm = nn.LayerNorm(c.width)
        # Each style has its own last layer, so that styles blend linearly before the squashing.
        self.face = nn.Parameter(torch.randn(len(c.styles), c.width, c.shape_count) * 0.02)
        self.face_bias = nn.Parameter(torch.full((len(c.styles), c.shape_count), -2.0))
        self.head = nn.Linear(c.width, 3)
        self.phones = nn.Linear(c.width, c.phone_count)
        # Sound says nothing of the eyes; those who ask for them elsewhere want zeros here.
        predicted = torch.tensor([not name.startswith("eye") for name in ARKIT_BLENDSHAPES])
        self.register_buffer("predicted", predicted.float(), persistent=False)
        self.register_buffer("slopes", alibi_slopes(c.heads), persistent=False)

    def silence(self, batch: int = 1) -> State:
        """The state of a stream that has heard nothing but silence."""
        return {k: self.face.new_zeros(batch, *shape[1:]) for k, shape in self.config.states.items()}

    def trunk(
        self, mel: Tensor, style: Tensor, emotion: Tensor, lookahead: Tensor, state: State
    ) -> tuple[Tensor, State]:
        """What the heads read: [B, T, width] for mel [B, T, 128], style [B, S], emotion [B, 8], lookahead []."""
        rows, mel_past = self.rows(mel, state["mel_past"])
        x, row_past = self.front(rows, state["row_past"], lookahead)
        x = x + (self.style(style) + self.emotion(emotion))[:, None]
        bias = distance_bias(mel.shape[1], self.config.past_frames, self.slopes)
        keys, values = [], []
        for i, layer in enumerate(self.layers):
            x, k, v = layer(x, state["key_past"][:, i], state["value_past"][:, i], bias)
            keys.append(k)
            values.append(v)
        following = {
            "mel_past": mel_past,
            "row_past": row_past,
            "key_past": torch.stack(keys, 1),
            "value_past": torch.stack(values, 1),
        }
        return self.norm(x), following

    def decode(self, x: Tensor, style: Tensor) -> tuple[Tensor, Tensor]:
        """Face [B, T, 52] in 0..1 and head rotation vectors [B, T, 3] of what `trunk` gave."""
        weight = torch.einsum("bs,swj->bwj", style, self.face)
        face = torch.sigmoid(x @ weight + (style @ self.face_bias)[:, None]) * self.predicted
        return face, MOST_HEAD_RAD * torch.tanh(self.head(x))

    def forward(
        self, mel: Tensor, style: Tensor, emotion: Tensor, lookahead: Tensor, state: State
    ) -> tuple[Tensor, Tensor, State]:
        """Face [B, T, 52], head [B, T, 3] and the following state."""
        x, following = self.trunk(mel, style, emotion, lookahead, state)
        return *self.decode(x, style), following
