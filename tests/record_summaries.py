"""Record tests/data/summaries.json.xz again: `python -m tests.record_summaries`.

It needs torch, torchinfo, torchsummary and keras (KERAS_BACKEND=torch). Each item has a table as the library prints it,
and what the framework itself says: parameters by `numel`, shapes by hooks on the modules that have none inside.
"""

from __future__ import annotations

import contextlib
import io
import json
import lzma
from pathlib import Path
from typing import Any

import keras  # type: ignore[import-not-found,import-untyped,unused-ignore]
import torch  # type: ignore[import-not-found,unused-ignore]
import torchinfo  # type: ignore[import-not-found,unused-ignore]
import torchsummary  # type: ignore[import-not-found,import-untyped,unused-ignore]
from keras import layers as kl
from torch import nn

DATA = Path(__file__).parent / "data" / "summaries.json.xz"
COLUMNS = ("input_size", "output_size", "num_params", "kernel_size", "mult_adds", "trainable", "params_percent")


class Residual(nn.Module):  # type: ignore[misc,unused-ignore]
    def __init__(self, c: int, d: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(c, d, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(d)
        self.conv2 = nn.Conv2d(d, d, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(d)
        self.down = nn.Sequential(nn.Conv2d(c, d, 1, stride, bias=False), nn.BatchNorm2d(d)) if c != d else None

    def forward(self, x: Any) -> Any:
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(y + (x if self.down is None else self.down(x)))


class Classifier(nn.Module):  # type: ignore[misc,unused-ignore]
    """A recurrent network on tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(1000, 32)
        self.lstm = nn.LSTM(32, 48, num_layers=2, batch_first=True, bidirectional=True)
        self.drop = nn.Dropout(0.2)
        self.fc = nn.Linear(96, 5)

    def forward(self, x: Any) -> Any:
        y, _ = self.lstm(self.embedding(x))
        return self.fc(self.drop(y[:, -1]))


class UNet(nn.Module):  # type: ignore[misc,unused-ignore]
    def __init__(self) -> None:
        super().__init__()
        self.down1 = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(inplace=True))
        self.pool = nn.MaxPool2d(2)
        self.down2 = nn.Sequential(nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(inplace=True))
        self.up = nn.ConvTranspose2d(16, 8, 2, 2)
        self.out = nn.Conv2d(16, 2, 1)

    def forward(self, x: Any) -> Any:
        a = self.down1(x)
        return self.out(torch.cat([a, self.up(self.down2(self.pool(a)))], 1))


class Vit(nn.Module):  # type: ignore[misc,unused-ignore]
    """Parameters of the model itself, and attention."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = nn.Conv2d(3, 24, 8, 8)
        self.cls = nn.Parameter(torch.zeros(1, 1, 24))
        self.pos = nn.Parameter(torch.zeros(1, 17, 24))
        layer = nn.TransformerEncoderLayer(24, 4, 48, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2)
        self.head = nn.Linear(24, 10)

    def forward(self, x: Any) -> Any:
        y = self.patch(x).flatten(2).transpose(1, 2)
        y = torch.cat([self.cls.expand(len(y), -1, -1), y], 1) + self.pos
        return self.head(self.encoder(y)[:, 0])


class Shared(nn.Module):  # type: ignore[misc,unused-ignore]
    """A block that is called twice, one that is never called, a frozen one, a list."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1).requires_grad_(False)
        self.block = Residual(8, 8)
        self.unused = nn.Linear(3, 3)
        self.heads = nn.ModuleList([nn.Linear(8, 4), nn.Linear(8, 2)])

    def forward(self, x: Any) -> Any:
        y = self.block(self.block(self.stem(x))).mean((2, 3))
        return torch.cat([head(y) for head in self.heads], 1)


def torch_models() -> dict[str, tuple[nn.Module, tuple[int, ...]]]:
    lenet = nn.Sequential(
        nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )  # fmt: skip
    vgg = nn.Sequential(
        *[
            nn.Sequential(nn.Conv2d(c, d, 3, padding=1), nn.BatchNorm2d(d), nn.ReLU(), nn.MaxPool2d(2))
            for c, d in ((3, 64), (64, 128), (128, 256), (256, 512))
        ],
        nn.Flatten(),
        nn.Linear(2048, 1000),
    )
    resnet = nn.Sequential(
        nn.Conv2d(3, 16, 7, 2, 3), Residual(16, 16), Residual(16, 32, 2), Residual(32, 64, 2),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10),
    )  # fmt: skip
    generator = nn.Sequential(
        nn.ConvTranspose2d(100, 64, 4, 1, 0, bias=False), nn.BatchNorm2d(64), nn.ReLU(True),
        nn.ConvTranspose2d(64, 3, 4, 2, 1, bias=False), nn.Tanh(),
    )  # fmt: skip
    mobile = nn.Sequential(
        nn.Conv2d(3, 16, 3, 2, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU6(),
        nn.Conv2d(16, 16, 3, 1, 1, groups=16, bias=False), nn.Hardswish(), nn.Conv2d(16, 32, 1), nn.GroupNorm(4, 32),
    )  # fmt: skip
    return {
        "lenet": (lenet, (1, 32, 32)),
        "vgg": (vgg, (3, 32, 32)),
        "resnet": (resnet, (3, 64, 64)),
        "generator": (generator, (100, 1, 1)),
        "mobile": (mobile, (3, 32, 32)),
        "unet": (UNet(), (1, 32, 32)),
        "vit": (Vit(), (3, 32, 32)),
        "shared": (Shared(), (3, 16, 16)),
        "tokens": (Classifier(), (12,)),
        "mlp": (nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Dropout(0.5), nn.Linear(256, 10)), (784,)),
    }


def keras_models() -> dict[str, Any]:
    picture = keras.Input((16, 16, 3), name="img")
    a = kl.Conv2D(8, 3, padding="same")(picture)
    b = kl.Conv2D(8, 3, padding="same", name="a_long_name_for_a_layer_so_that_it_does_not_fit_there")(a)
    y = kl.Dense(3)(kl.GlobalAveragePooling2D()(kl.Add()([a, b])))
    joined = keras.Model(picture, y)
    joined.layers[1].trainable = False
    convolutional = keras.Sequential(
        [
            keras.Input((28, 28, 1)), kl.Conv2D(32, 3, activation="relu"), kl.MaxPooling2D(), kl.BatchNormalization(),
            kl.Flatten(), kl.Dropout(0.5), kl.Dense(10),
        ]
    )  # fmt: skip
    words = keras.Sequential(
        [keras.Input((20,)), kl.Embedding(500, 16), kl.Bidirectional(kl.LSTM(8)), kl.Dense(1, activation="sigmoid")]
    )
    separable = keras.Sequential(
        [
            keras.Input((32, 32, 3)), kl.SeparableConv2D(8, 3), kl.DepthwiseConv2D(3), kl.LayerNormalization(),
            kl.Conv2DTranspose(4, 2), kl.GlobalMaxPooling2D(),
        ]
    )  # fmt: skip
    nested = keras.Sequential([keras.Input((16, 16, 3)), joined, kl.Dense(2)])
    trained = keras.Sequential([keras.Input((8,)), kl.Dense(4), kl.Dense(2)])
    trained.compile(optimizer="adam", loss="mse")
    import numpy as np

    trained.fit(np.zeros((2, 8)), np.zeros((2, 2)), verbose=0)
    return {
        "joined": joined,
        "convolutional": convolutional,
        "words": words,
        "separable": separable,
        "nested": nested,
        "trained": trained,
    }


def leaves(model: nn.Module, x: Any) -> list[Any]:
    """Class and first output's shape of every module with none inside, in the order of calls."""
    found: list[Any] = []

    def note(module: Any, given: Any, output: Any) -> None:
        first = output[0] if isinstance(output, tuple) else output
        found.append([type(module).__name__, list(first.shape)])

    hooks = [part.register_forward_hook(note) for part in model.modules() if not list(part.children())]
    model.eval()
    torch.backends.mha.set_fastpath_enabled(False)
    model(x)
    for hook in hooks:
        hook.remove()
    return found


def captured(call: Any) -> str:
    stream = io.StringIO()
    with contextlib.redirect_stdout(stream):
        call()
    return stream.getvalue()


def main() -> None:
    items: list[dict[str, Any]] = []
    for name, (model, size) in torch_models().items():
        batch = (4, *size)
        x = torch.randint(0, 9, batch) if name == "tokens" else torch.randn(batch)
        truth = {
            "params": sum(p.numel() for p in model.parameters()),
            "trainable": sum(p.numel() for p in model.parameters() if p.requires_grad),
            "leaves": leaves(model, x),
        }
        given: dict[str, Any] = {"input_data": x, "verbose": 0}
        ways: dict[str, dict[str, Any]] = {
            "plain": given,
            "names": {**given, "row_settings": ("var_names",)},
            "all": {**given, "col_names": COLUMNS, "row_settings": ("var_names", "depth")},
            "depth": {**given, "depth": 1, "row_settings": ("ascii_only", "var_names")},
            "sizeless": {"verbose": 0},
        }
        for way, options in ways.items():
            text = str(torchinfo.summary(model, **options))
            items.append({"name": f"{name}-{way}", "kind": "torchinfo", "way": way, "text": text, **truth})
        if name not in ("tokens", "vit"):  # it feeds fractions, and takes one output of attention for two
            text = captured(lambda model=model, size=size: torchsummary.summary(model.eval(), size, device="cpu"))
            items.append({"name": f"{name}-torchsummary", "kind": "torchsummary", "way": "", "text": text, **truth})
    for name, model in keras_models().items():
        truth = {
            "params": model.count_params(),
            "trainable": sum(int(weight.value.numel()) for weight in model.trainable_weights),
            "leaves": [
                [type(layer).__name__, list(layer.output.shape)]
                for layer in model.layers
                if type(layer).__name__ != "InputLayer"
            ],
        }
        for way, options in (
            ("plain", {}),
            ("wide", {"line_length": 140}),
            ("trainable", {"show_trainable": True, "line_length": 110}),
            ("nested", {"expand_nested": True}),
        ):
            lines: list[str] = []
            model.summary(print_fn=lambda text, line_break=True, lines=lines: lines.append(text), **options)
            items.append({"name": f"{name}-{way}", "kind": "keras", "way": way, "text": "\n".join(lines), **truth})
    DATA.write_bytes(lzma.compress(json.dumps(items, ensure_ascii=False, separators=(",", ":")).encode()))
    print(len(items), "tables")


if __name__ == "__main__":
    main()
