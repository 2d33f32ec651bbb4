"""A language model of 12 blocks with everything written out: attention by hand, settings in a dataclass, sampling."""

import math
from dataclasses import dataclass, field
from typing import Iterator, List, Optional, Tuple

import torch
import torch.nn as nn
import torch.nn.functional as F


@dataclass
class Settings:
    """Sizes of a model, and what is drawn of them."""

    words: int = 50257
    longest: int = 1024
    width: int = 768
    depth: int = 12
    heads: int = 12
    widened: int = 4
    drop: float = 0.0
    bias: bool = True
    eps: float = 1e-5
    spread: float = 0.02
    frozen: List[str] = field(default_factory=list)

    @property
    def per_head(self) -> int:
        """Features of a head."""
        if self.width % self.heads:
            raise ValueError(f"{self.heads} heads do not share {self.width} features")
        return self.width // self.heads


class Norm(nn.Module):
    """A layer norm of which the bias may be left out."""

    def __init__(self, settings: Settings):
        super().__init__()
        self.eps = settings.eps
        self.scale = nn.Parameter(torch.ones(settings.width))
        if settings.bias:
            self.shift = nn.Parameter(torch.zeros(settings.width))
        else:
            self.register_parameter("shift", None)

    def forward(self, x):
        return F.layer_norm(x, (x.shape[-1],), self.scale, self.shift, self.eps)


class Attention(nn.Module):
    """Each position looks at itself and at those before."""

    def __init__(self, settings: Settings):
        super().__init__()
        self.heads, self.size = settings.heads, settings.per_head
        self.mixed = nn.Linear(settings.width, 3 * settings.width, bias=settings.bias)
        self.out = nn.Linear(settings.width, settings.width, bias=settings.bias)
        self.drop_weights = nn.Dropout(settings.drop)
        self.drop_out = nn.Dropout(settings.drop)
        later = torch.ones(settings.longest, settings.longest, dtype=torch.bool).triu(1)
        self.register_buffer("later", later, persistent=False)

    def split(self, x):
        batch, length, _ = x.shape
        return x.reshape(batch, length, self.heads, self.size).permute(0, 2, 1, 3)

    def forward(self, x):
        batch, length, width = x.shape
        query, key, value = (self.split(part) for part in self.mixed(x).chunk(3, dim=-1))
        scores = torch.matmul(query, key.transpose(2, 3)) / math.sqrt(self.size)
        scores = scores.masked_fill(self.later[:length, :length], float("-inf"))
        weights = self.drop_weights(scores.softmax(dim=-1))
        found = torch.matmul(weights, value).permute(0, 2, 1, 3)
        return self.drop_out(self.out(found.reshape(batch, length, width)))


class Wide(nn.Module):
    """Two linear layers and an activation between them."""

    def __init__(self, settings: Settings):
        super().__init__()
        hidden = settings.widened * settings.width
        self.up = nn.Linear(settings.width, hidden, bias=settings.bias)
        self.function = nn.GELU()
        self.down = nn.Linear(hidden, settings.width, bias=settings.bias)
        self.drop = nn.Dropout(settings.drop)

    def forward(self, x):
        x = self.function(self.up(x))
        return self.drop(self.down(x))


class Layer(nn.Module):
    """Attention and the wide part, each after a norm and beside what came in."""

    def __init__(self, settings: Settings):
        super().__init__()
        self.before_attention = Norm(settings)
        self.attention = Attention(settings)
        self.before_wide = Norm(settings)
        self.wide = Wide(settings)

    def forward(self, x):
        x = x + self.attention(self.before_attention(x))
        return x + self.wide(self.before_wide(x))


class Model(nn.Module):
    """Words and places, the layers, and the scores of the next word."""

    def __init__(self, settings: Settings = Settings()):
        super().__init__()
        self.settings = settings
        self.tables = nn.ModuleDict(
            {
                "words": nn.Embedding(settings.words, settings.width),
                "places": nn.Embedding(settings.longest, settings.width),
            }
        )
        self.drop = nn.Dropout(settings.drop)
        self.layers = nn.ModuleList(Layer(settings) for _ in range(settings.depth))
        self.norm = Norm(settings)
        self.scores = nn.Linear(settings.width, settings.words, bias=False)
        self.scores.weight = self.tables["words"].weight
        self.draw()

    def draw(self) -> None:
        shallow = self.settings.spread / math.sqrt(2.0 * self.settings.depth)
        for name, module in self.named_modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                ends = name.endswith(("attention.out", "wide.down"))
                nn.init.normal_(module.weight, std=shallow if ends else self.settings.spread)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)
        for name, parameter in self.named_parameters():
            if any(name.startswith(word) for word in self.settings.frozen):
                parameter.requires_grad_(False)

    def groups(self, decay: float) -> Iterator[dict]:
        """What an optimizer is given: matrices shrink, vectors do not."""
        trained = [one for one in self.parameters() if one.requires_grad]
        yield {"params": [one for one in trained if one.ndim > 1], "weight_decay": decay}
        yield {"params": [one for one in trained if one.ndim < 2], "weight_decay": 0.0}

    def forward(self, tokens, wanted: Optional[torch.Tensor] = None) -> Tuple:
        length = tokens.size(1)
        if length > self.settings.longest:
            raise ValueError(f"{length} tokens, and there are places for {self.settings.longest}")
        places = torch.arange(length, device=tokens.device)
        x = self.drop(self.tables["words"](tokens) + self.tables["places"](places))
        for layer in self.layers:
            x = layer(x)
        x = self.norm(x)
        if wanted is None:
            return self.scores(x[:, -1:]), None
        scores = self.scores(x)
        return scores, F.cross_entropy(scores.flatten(0, 1), wanted.flatten())

    @torch.no_grad()
    def go_on(self, tokens, count: int, heat: float = 1.0, best: int = 0):
        for _ in range(count):
            scores = self(tokens[:, -self.settings.longest :])[0][:, -1] / heat
            if best:
                least = scores.topk(best).values[:, -1, None]
                scores = torch.where(scores < least, torch.full_like(scores, float("-inf")), scores)
            tokens = torch.cat([tokens, scores.softmax(-1).multinomial(1)], dim=1)
        return tokens
