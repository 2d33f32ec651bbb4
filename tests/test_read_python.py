"""Ways of writing PyTorch that were once refused or counted otherwise than PyTorch does."""

from __future__ import annotations

import ast
import json
import random
from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc.cli.app import main
from cnncalc.core.problem import Source, SpecError
from cnncalc.network.propagate import noted
from cnncalc.read.python import values
from cnncalc.read.python.files import imports
from cnncalc.read.python.layers import modules
from cnncalc.read.python.values import Class, File, Raised

NO_FILE = File(Source("a.py", ""), ast.parse(""), "a.py", "a")

HEAD = """
import argparse
import random
import torch
import torch.nn as nn
import torch.nn.functional as F
from einops import pack, rearrange, unpack
"""


def read(text: str, *inputs: str, codes: bool = False) -> Any:
    """The report of a text; with `codes`, those of its notes beside it."""
    path = Path("model.py")
    path.write_text(HEAD + text)
    network = cnncalc.load(str(path), input_shapes=inputs)
    report = network.report()
    return report if not codes else (report, [note.code for note in network.notes])


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def outputs(report: Any) -> list[list[int]]:
    return [list(report.shown(report.shape_of(ref), ref)) for ref in report.graph.outputs]


def test_options_of_a_command_line_have_their_defaults() -> None:
    report = read(
        """
parser = argparse.ArgumentParser()
group = parser.add_argument_group("model")
group.add_argument("--hidden-size", "-H", type=int, default="24")
group.add_argument("--bias", action="store_true")
parser.add_argument("--classes", dest="n", default=3)
parser.add_argument("name", nargs="?")
args, rest = parser.parse_known_args()

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(args.hidden_size, args.n, bias=args.bias)
    def forward(self, x):
        return self.fc(x) if args.name is None else x
""",
        "24",
    )
    assert report.totals.params == 72


def test_an_option_without_a_default_is_asked_for() -> None:
    with pytest.raises(SpecError, match="--width has no default"):
        read(
            """
parser = argparse.ArgumentParser()
parser.add_argument("--width", type=int, required=True)
args = parser.parse_args()
model = nn.Linear(args.width, 3)
""",
            "24",
        )


def test_what_a_plain_list_holds_is_not_counted() -> None:
    report, codes = read(
        """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = [nn.Linear(4, 4) for _ in range(3)]
        self.out = nn.Linear(4, 2)
    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return self.out(x)
""",
        "4",
        codes=True,
    )
    assert report.totals.params == 10
    assert codes.count("python-unregistered") == 1


def test_what_forward_makes_and_keeps_is_counted() -> None:
    report = read(
        """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = None
    def forward(self, x):
        if self.fc is None:
            self.fc = nn.Linear(x.shape[1], 2)
        return self.fc(x)
""",
        "4",
    )
    assert report.totals.params == 10
    assert [row.name for row in report.rows] == ["fc"]


def test_lists_of_lists_of_parameters() -> None:
    report = read(
        """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.scales = nn.ParameterList([])
        for _ in range(3):
            self.scales.append(nn.ParameterList([nn.Parameter(torch.ones(4)), nn.Parameter(torch.ones(4))]))
    def forward(self, x):
        for a, b in self.scales:
            x = x * a + b
        return x
""",
        "4",
    )
    assert report.totals.params == 24


def test_a_place_of_a_list_may_be_empty() -> None:
    report = read(
        """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.ModuleList([nn.Linear(4, 4), None if i else nn.ReLU()]) for i in range(2)])
    def forward(self, x):
        for layer, act in self.layers:
            x = layer(x)
            if act is not None:
                x = act(x)
        return x
""",
        "4",
    )
    assert [row.type for row in report.rows] == ["Linear", "ReLU", "Linear"]


def test_a_function_of_its_own_with_a_backward() -> None:
    report = read(
        """
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, beta=1.0):
        ctx.save_for_backward(x)
        return x * torch.sigmoid(beta * x)
    @staticmethod
    def backward(ctx, grad):
        return grad, None

class Net(nn.Module):
    def forward(self, x):
        return Swish.apply(x)
""",
        "4x5",
    )
    assert outputs(report) == [[4, 5]]


def test_dots_of_einops_in_brackets_and_packs() -> None:
    report = read(
        """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.cls = nn.Parameter(torch.randn(8))
    def forward(self, x):
        x = rearrange(x, 'b ... d -> b (...) d')
        x, shapes = pack([self.cls.expand(x.shape[0], 8), x], 'b * d')
        cls, x = unpack(x, shapes, 'b * d')
        return cls, x
""",
        "2x3x8",
    )
    assert outputs(report) == [[8], [6, 8]]


def test_weight_norm_beside_what_names_its_weight() -> None:
    report = read(
        """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.utils.weight_norm(nn.Conv1d(4, 8, 3))
        self.conv.weight.data.normal_(0, 0.01)
        self.spare = torch.nn.utils.weight_norm(nn.Linear(4, 2))
    def forward(self, x):
        return self.conv(x)
""",
        "4x9",
    )
    assert report.totals.params == 8 * 4 * 3 + 8 + 8 + (8 + 2 + 2)


def test_a_base_in_the_package_of_the_file() -> None:
    Path("models").mkdir()
    Path("models/__init__.py").write_text("from .base import Base\nfrom .net import Net\n")
    Path("models/base.py").write_text("from torch import nn\n\nclass Base(nn.Module):\n    size = 3\n")
    Path("models/net.py").write_text(
        "from torch import nn\nfrom models import Base\n\nclass Net(Base):\n    def __init__(self):\n"
        "        super().__init__()\n        self.fc = nn.Linear(4, self.size)\n\n    def forward(self, x):\n"
        "        return self.fc(x)\n"
    )
    assert cnncalc.load("models/net.py:Net", input_shapes=["4"]).report().totals.params == 15


def test_files_that_names_are_imported_from_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that hands a hundred names on, one by one and all together."""
    parsed: list[str] = []
    first = imports.tree_of
    monkeypatch.setattr(imports, "tree_of", lambda text: parsed.append(text) or first(text))  # type: ignore[func-returns-value]
    Path("pkg").mkdir()
    names = [f"n{number}" for number in range(100)]
    handed = (
        "".join(f"from .sizes import {name}\n" for name in names[:50])
        + "from .nowhere import *\nfrom .sizes import *\n"
    )
    Path("pkg/__init__.py").write_text(handed)
    Path("pkg/sizes.py").write_text("".join(f"{name} = {name[1:]}\n" for name in names))
    text = (
        "".join(f"from pkg import {name}\n" for name in names)
        + "model = nn.Sequential(nn.Linear(8, n7), nn.Linear(7, n77))"
    )
    assert outputs(read(text, "8")) == [[77]]
    assert len(parsed) == len(set(parsed)) == 2


def test_imports_from_folders_beside_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("model/attention", "model/conv"):
        Path(folder).mkdir(parents=True)
    Path("model/conv/block.py").write_text("from torch import nn\n\nclass Block(nn.Linear):\n    pass\n")
    Path("model/attention/net.py").write_text(
        "from torch import nn\nfrom model.conv.block import Block\n\nclass Net(nn.Module):\n    def __init__(self):\n"
        "        super().__init__()\n        self.fc = Block(4, 3)\n\n    def forward(self, x):\n"
        "        return self.fc(x)\n"
    )
    assert cnncalc.load("model/attention/net.py:Net", input_shapes=["4"]).report().totals.params == 15
    monkeypatch.chdir("model/attention")
    with pytest.raises(SpecError):  # nobody named the folder above, and it is no package
        cnncalc.load("net.py:Net", input_shapes=["4"]).report()
    monkeypatch.chdir("../..")
    source = Path("model/attention/net.py").read_text().replace("model.conv", "..conv")
    Path("model/attention/net.py").write_text(source)
    with pytest.raises(SpecError):  # no package, so no folder above it is looked at
        cnncalc.load("model/attention/net.py:Net", input_shapes=["4"]).report()
    for folder in ("model", "model/attention", "model/conv"):
        Path(folder, "__init__.py").write_text("")
    assert cnncalc.load("model/attention/net.py:Net", input_shapes=["4"]).report().totals.params == 15


def test_a_package_that_hands_names_on_is_not_followed_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("pack/parts").mkdir(parents=True)
    Path("pack/__init__.py").write_text("from .parts import Block, WIDTH\n")
    many = "".join(f"from .part{at} import Part{at}\n" for at in range(70))
    Path("pack/parts/__init__.py").write_text(f"{many}from .block import Block\nfrom .sizes import *\n")
    for at in range(70):
        Path(f"pack/parts/part{at}.py").write_text(f"class Part{at}:\n    pass\n")
    Path("pack/parts/block.py").write_text("from torch import nn\n\nclass Block(nn.Linear):\n    pass\n")
    Path("pack/parts/sizes.py").write_text("WIDTH = 3\n")
    Path("pack/net.py").write_text(
        "from torch import nn\nfrom pack import Block\nfrom pack.parts import WIDTH\n\nclass Net(nn.Module):\n"
        "    def __init__(self):\n        super().__init__()\n        self.fc = Block(4, WIDTH)\n\n"
        "    def forward(self, x):\n        return self.fc(x)\n"
    )
    monkeypatch.chdir("pack/parts")  # the package that a file belongs to is known by its __init__.py
    assert cnncalc.load("../net.py:Net", input_shapes=["4"]).report().totals.params == 15


def test_what_is_asked_of_the_names_of_pytorch() -> None:
    report = read(
        """
silu = F.silu if "silu" in dir(torch.nn.functional) else None
rates = [part.tolist() for part in torch.linspace(0, 0.5, 6).split([2, 4])]
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2 if rates[0][0] > 0 else 3)
    def forward(self, x):
        return silu(self.fc(x))
""",
        "4",
    )
    assert report.totals.params == 15


@pytest.mark.parametrize(
    ("drawn", "shape"),  # what PyTorch gives for a batch of 7, without the 7
    [
        ("Normal(self.a(x), torch.ones(4)).rsample((5,))", (5, 4)),
        ("Normal(self.a(x), torch.ones(4)).rsample((5,)).mean(0)", (4,)),
        ("Categorical(logits=self.a(x)).sample((5,))", (5,)),
        ("Bernoulli(logits=self.a(x)).sample((2, 5))", (2, 5, 4)),
    ],
)
def test_several_samples_of_a_distribution(drawn: str, shape: tuple[int, ...]) -> None:
    source = f"""
from torch.distributions import Bernoulli, Categorical, Normal
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(3, 4)
    def forward(self, x):
        return {drawn}
"""
    assert read(source, "3").rows[-1].output_shape == shape


def test_a_bias_that_becomes_none() -> None:
    source = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.c = nn.Conv2d(3, 8, 3)
        self.c.bias = None
        self.l = nn.Linear(8, 4)
        self.l.register_parameter("bias", None)
        self.n = nn.LayerNorm(4)
        self.n.bias = None
    def forward(self, x):
        return self.n(self.l(self.c(x).mean((2, 3))))
"""
    assert read(source, "3x8x8").totals.params == 3 * 8 * 9 + 8 * 4 + 4  # PyTorch: 252


def test_a_text_of_any_kind_is_read_by_loads() -> None:
    source = "from torch import nn\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    source += "        self.fc = nn.Linear(3, 4)\n    def forward(self, x):\n        return self.fc(x)\n"
    assert cnncalc.loads(source, input_shapes=["3"]).report().totals.params == 16
    printed = "Sequential(\n  (0): Linear(in_features=3, out_features=4, bias=True)\n  (1): ReLU()\n)\n"
    assert cnncalc.loads(printed, input_shapes=["3"]).report().totals.params == 16


def test_chance_that_is_no_chance_and_chance_that_changes_nothing() -> None:
    report = read(
        """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(10, 4)
        self.out = nn.Linear(4, 10)
    def forward(self, y, ratio=0.5, never=0.0):
        x = y[:, 0]
        for t in range(1, y.size(1)):
            scores = self.out(self.emb(x))
            teacher = random.random() < ratio
            x = y[:, t] if teacher else scores.argmax(1)
        if random.random() < never:
            return x
        return scores
""",
        "3",
    )
    assert outputs(report) == [[10]]


def test_chance_that_decides_between_layers_is_refused() -> None:
    with pytest.raises(SpecError, match=r"random\.random"):
        read(
            """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(4, 4), nn.Linear(4, 4)
    def forward(self, x):
        return self.a(x) if random.random() < 0.5 else self.b(x)
""",
            "4",
        )


def test_crops_and_sizes_of_torchvision() -> None:
    report = read(
        """
import torchvision.transforms.functional as TF
from torchvision import transforms
class Net(nn.Module):
    def forward(self, x, skip):
        a = TF.resize(x, size=skip.shape[2:])
        b = TF.center_crop(skip, [x.size(2), x.size(3)])
        c = transforms.CenterCrop((4, 6))(skip)
        return a, b, c, TF.resize(x, 4)
""",
        "3x8x16",
        "2x10x20",
    )
    assert outputs(report) == [[3, 10, 20], [2, 8, 16], [2, 4, 6], [3, 4, 8]]


READY_MADE = json.loads((Path(__file__).parent / "data" / "torchvision.json").read_text())


@pytest.mark.parametrize("name", READY_MADE)
def test_models_of_torchvision(name: str) -> None:
    total, arrays, last = READY_MADE[name]
    Path("model.py").write_text(f"import torchvision\nmodel = torchvision.models.{name}(weights=None)\n")
    network = cnncalc.load("model.py")
    report = network.counts()
    assert report is not None
    assert report.totals.params == total
    names = [path for path, _ in modules.parameters(network.spec.foreign.model())]
    assert (len(names), names[-2]) == (arrays, last)


def test_the_last_layer_of_a_ready_made_model_is_changed() -> None:
    report = read(
        """
from torchvision import models
from torchvision.models import ResNet18_Weights
model = models.resnet18(weights=ResNet18_Weights.DEFAULT)
for param in model.parameters():
    param.requires_grad = False
model.fc = nn.Linear(model.fc.in_features, 2)
""",
        "3x224x224",
    )
    assert report.totals.params == 11_689_512 - 513_000 + 1_026
    assert report.totals.trainable == 1_026
    assert outputs(report) == [[2]]


HOSTILE = {
    "copies that double": "import copy\nm = nn.Linear(3, 3)\n"
    "for i in range(60):\n    m = nn.Sequential(m, copy.deepcopy(m))\n",
    "a million modules": "m = nn.Sequential(*[nn.Linear(3, 3) for _ in range(10**6)])\n",
    "a forward without an end": "class M(nn.Module):\n    def forward(self, x):\n"
    "        while True:\n            x = x + 1\n",
    "one that calls itself": "class M(nn.Module):\n    def forward(self, x):\n        return self.forward(x)\n",
    "a module in itself": "m = nn.Sequential()\nm.add_module('a', m)\n",
    "a long range": "class M(nn.Module):\n    def __init__(self):\n        for i in range(10**10):\n            pass\n",
    "a large number": "m = nn.Linear(9**9**9, 3)\n",
    "a long list": "m = nn.Sequential(*[nn.ReLU()] * 10**9)\n",
    "a wide text": "m = nn.Linear(len(f'{5:1000000000}'), 3)\n",
    "a sum that grows": "f = lambda n: f(n - 1) + f(n - 2) if n > 1 else n\nm = nn.Linear(f(60), 2)\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_would_not_end_is_refused(name: str) -> None:
    with pytest.raises(SpecError) as caught:
        read(HOSTILE[name], "3")
    assert caught.value.problems[-1].code in ("python-too-long", "python-raises")


def test_the_module_of_an_object_is_known() -> None:
    """As torchvision's models log their use; the name of the file, as `__name__` is."""
    report = read(
        """
def used(thing):
    name = thing.__module__ + "." + thing.__class__.__qualname__
    if not name.endswith(".Net") or Net.__module__ != __name__ or used.__module__ != __name__:
        raise ValueError(name)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        used(self)
        self.fc = nn.Linear(3, 2)

    def forward(self, x):
        return self.fc(x)
""",
        "3",
    )
    assert report.totals.params == 8


@pytest.mark.parametrize(
    "change",
    [
        "for name, p in model.named_parameters():\n    if name in foo.names():\n        p.requires_grad = False\n",
        "def surgery(m, k):\n    m.add_module('x', nn.Linear(2, int(k)))\n\n\nsurgery(model, foo.k())\n",
        "model[2] = foo.head()\n",
    ],
)
def test_a_change_that_cannot_be_followed_is_not_passed_over(change: str) -> None:
    text = "import foo\nimport torch.nn as nn\n\nmodel = nn.Sequential(nn.Linear(8, 4), nn.ReLU(), nn.Linear(4, 2))\n"
    text += change
    with pytest.raises(SpecError, match="is not run"):
        cnncalc.loads(text, input_shapes=["8"]).report()


def test_what_trains_a_network_does_not_change_it() -> None:
    text = (
        "import torch.nn as nn\nfrom data import loader\n\nmodel = nn.Sequential(nn.Linear(8, 4), nn.Linear(4, 2))\n"
        "log = []\nfor x, y in loader():\n    loss = model(x)\n    log.append(loss.item())\n"
    )
    assert cnncalc.loads(text, input_shapes=["8"]).report().totals.params == 46


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("x[:, 8] = 0", "position 8 of axis 1"),
        ("x[:, :2] = torch.zeros(3)", "does not fit a place|cannot combine"),
        ("x = x[:, torch.tensor([0, 9])]", "index 9 is out of bounds"),
        ("x = x.mean((1, -1))", "more than once"),
        ("x += torch.zeros(5, 1, 8)", "doesn't match the broadcast shape"),
        ("assert absent, 'never'", "name 'absent' is not defined"),
        ("x = self.act.weight * x", "has no attribute 'weight'"),
    ],
)
def test_what_pytorch_refuses_at_a_line(line: str, said: str) -> None:
    text = (
        "import torch\nimport torch.nn as nn\n\n\nclass Net(nn.Module):\n    def __init__(self):\n"
        "        super().__init__()\n        self.act = nn.ReLU()\n\n    def forward(self, x):\n"
        f"        x = self.act(x)\n        {line}\n        return x\n"
    )
    with pytest.raises(SpecError, match=said):
        cnncalc.loads(text, input_shapes=["8"]).report()


@pytest.mark.parametrize(
    ("made", "line"),
    [
        ("nn.TransformerEncoder(nn.TransformerEncoderLayer(30, 4), 2)", "heads"),
        ("nn.TransformerEncoder(nn.TransformerEncoderLayer(32, 4), 2)", "embed_dim=32"),
        ("MLP(16, [64, 10])", "Linear"),
    ],
)
def test_a_mistake_inside_of_a_class_of_pytorch_stands_at_the_line_of_the_file(made: str, line: str) -> None:
    text = (
        "import torch.nn as nn\nfrom torchvision.ops import MLP\n\n\nclass Net(nn.Module):\n    def __init__(self):\n"
        f"        super().__init__()\n        self.part = {made}\n\n"
        "    def forward(self, x):\n        return self.part(x)\n"
    )
    with pytest.raises(SpecError, match=line) as raised:
        cnncalc.loads(text, input_shapes=["10x30"]).report()
    problem = raised.value.problems[0]
    assert problem.source is not None and problem.source.text == text
    assert problem.line == 8


def test_an_upsampling_that_is_never_called() -> None:
    text = (
        "import torch.nn as nn\n\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.up = nn.Upsample(size=(4, 4))\n        self.fc = nn.Linear(8, 2)\n\n"
        "    def forward(self, x):\n        return self.fc(x)\n"
    )
    report = cnncalc.loads(text, input_shapes=["8"]).report()
    assert report.totals.params == 18
    assert noted(report) == []


LISTS = """
class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(8, 16, 1)
        self.b = nn.Conv2d(16, 16, 1)

    def forward(self, features, bias=None):
        x, *rest = features
        x = self.a(x)
        for part in rest:
            x = x + F.interpolate(self.b(part), scale_factor=2)
        return x if bias is None else x + bias.view(-1, 16, 1, 1)
"""


def test_an_input_that_is_a_list_has_its_name_several_times() -> None:
    report = read(LISTS, "features=8x32x32", "features=16x16x16", "bias=16")
    assert outputs(report) == [[16, 32, 32]]
    assert [given.name for given in report.graph.inputs] == ["features.0", "features.1", "bias"]


def test_all_inputs_of_a_star_are_given() -> None:
    text = "class Net(nn.Module):\n    def forward(self, *xs):\n        return torch.cat(xs, 1)\n"
    assert outputs(read(text, "xs=3x8", "xs=4x8", "xs=5x8")) == [[12, 8]]


def test_a_size_too_many_says_how_a_list_is_given() -> None:
    with pytest.raises(SpecError) as caught:
        read(
            LISTS.replace(", bias=None", "").replace(" if bias is None else x + bias.view(-1, 16, 1, 1)", ""),
            "8x32x32",
            "16x16x16",
        )
    assert any("-i features=... -i features=..." in line for line in caught.value.problems[0].help)


MASKED = """
class Net(nn.Module):
    def forward(self, x):
        y = torch.ones(x.shape)
        mask = x < y
        y[mask] = x[mask]
        return y
"""


def test_what_a_mask_keeps_is_put_where_it_came_from() -> None:
    assert outputs(read(MASKED, "4x6")) == [[4, 6]]


@pytest.mark.parametrize("line", ["y = x[mask] + y", "y[mask] = x[:, :2][mask]", "y[mask] = x[~mask]"])
def test_what_a_mask_keeps_is_refused_elsewhere(line: str) -> None:
    with pytest.raises(SpecError, match="how many elements a mask keeps"):
        read(MASKED.replace("y[mask] = x[mask]", line), "4x6")


def test_the_order_of_bases_is_pythons() -> None:
    """300 classes of up to three bases each, drawn from those before; what Python refuses is refused."""
    draw = random.Random(7)
    theirs: list[type] = [type("A", (), {})]
    ours: list[Any] = [Class("A", [], None, NO_FILE)]
    refused = 0
    for number in range(300):
        chosen = [draw.randrange(max(0, len(ours) - 12), len(ours)) for _ in range(draw.randint(1, 3))]
        try:
            made = type(f"C{number}", tuple(theirs[at] for at in chosen), {})
        except TypeError:
            refused += 1
            with pytest.raises(Raised):
                Class(f"C{number}", [ours[at] for at in chosen], None, NO_FILE)
            continue
        theirs.append(made)
        ours.append(Class(made.__name__, [ours[at] for at in chosen], None, NO_FILE))
        assert [kind.name for kind in ours[-1].order] == [kind.__name__ for kind in made.__mro__[:-1]]
    assert refused > 50 and len(ours) > 100


def test_a_long_line_of_classes_takes_no_more_looks_than_its_length(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[object] = []
    key = values._key
    monkeypatch.setattr(values, "_key", lambda of: looks.append(of) or key(of))  # type: ignore[func-returns-value]
    kind = Class("A", [], None, NO_FILE)
    for number in range(200):
        kind = Class(f"C{number}", [kind], None, NO_FILE)
    assert len(kind.order) == 201 and len(looks) < 2 * 200 * 200


FURTHER = """
import torch
import torch.nn as nn
import torch.nn.functional as F
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.randn(24, 8))
        self.b = nn.Parameter(torch.zeros(24))
        self.o = nn.Linear(8, 8)
        self.bk = nn.Parameter(torch.zeros(1, 1, 8))
        self.bv = nn.Parameter(torch.zeros(1, 1, 8))
    def forward(self, x):
        x = x.transpose(0, 1)
        y, s = F.multi_head_attention_forward(x, x, x, 8, 2, self.w, self.b, self.bk, self.bv, True, 0.0,
                                              self.o.weight, self.o.bias)
        return y.transpose(0, 1), s
"""


def test_attention_by_hand_with_further_keys_and_values(tmp_path: Path) -> None:
    """PyTorch 2.13 gives (3, 5, 8) and (3, 5, 7) of a (3, 5, 8), with 304 parameters."""
    (tmp_path / "net.py").write_text(FURTHER)
    report = cnncalc.load(str(tmp_path / "net.py"), input_shapes=("5x8",)).report().to_dict()
    assert report["output_shapes"] == [[5, 8], [5, 7]]
    assert report["totals"]["params"] == 304  # type: ignore[index]


SPARE = """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(8, 4)
        self.spare = nn.Conv2d(3, 4, 3)

    def forward(self, x):
        return self.a(x)
"""


@pytest.mark.parametrize(
    "words",
    [
        ["shapes", "--execute"],
        ["run", "--show", "all"],
        ["run", "--backward"],
        ["run", "--gradcheck"],
        ["export"],
        ["export", "--to", "keras"],
        ["export", "--to", "onnx", "-o", "net.onnx"],
    ],
    ids=" ".join,
)
def test_a_module_that_is_never_called_is_counted_and_not_run(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("model.py").write_text(SPARE)
    assert main([words[0], "model.py", *words[1:]]) == 0
    out, err = capsys.readouterr()
    assert ("spare is never called and is left out" in err) == (words[0] == "export")
    if words == ["shapes", "--execute"]:
        assert "confirmed: " in out and "total" in out
    if words == ["run", "--backward"]:
        assert "gradient(spare.bias) [4]\n[0, 0, 0, 0]" in out
