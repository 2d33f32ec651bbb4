"""The NumPy forward and backward: against PyTorch, against ONNX' reference evaluator, and in memory."""

from __future__ import annotations

import io
import json
import os
import subprocess
import warnings
from collections.abc import Iterator
from statistics import geometric_mean, median
from time import process_time
from types import SimpleNamespace
from typing import Any

import numpy as np

import cnncalc as package
from benchmarks.line import Line
from benchmarks.rows import NETWORKS
from benchmarks.timing import Pair, now, one_thread, python, turns
from cnncalc.core.number import prod

# What ONNX' evaluator runs: it refuses the cropping of the U-Net.
EVALUATED = tuple(name for name in NETWORKS if name != "unet")
# Channels, filters, size of the image, kernel, stride: convolutions of VGG-16, ResNet-50 and AlexNet.
CONVOLUTIONS = (
    (64, 64, 56, 3, 1),
    (128, 128, 56, 3, 2),
    (256, 256, 14, 3, 1),
    (512, 512, 14, 3, 1),
    (256, 64, 56, 1, 1),
    (3, 64, 224, 7, 2),
    (64, 192, 27, 5, 1),
)


def forward(runs: int) -> Iterator[Line]:
    """Both with all threads in wall time."""
    yield from _against_torch(runs)


def forward_alone(runs: int) -> Iterator[Line]:
    """Both with one thread in the processor's time."""
    import torch  # noqa: F401  where it is not installed the rows are missing

    yield from _alone("_against_torch", runs)


def reference(runs: int) -> Iterator[Line]:
    """The same networks in ONNX' reference evaluator, one thread."""
    import onnx  # noqa: F401  where it is not installed the row is missing

    yield from _alone("_reference", runs)


def backward(runs: int) -> Iterator[Line]:
    """The gradients of a convolution by its input, filters and bias, without the way forward, one thread."""
    import torch  # noqa: F401

    yield from _alone("_backward", runs)
    yield from _alone("_whole", max(3, runs // 3))


def _alone(group: str, runs: int) -> Iterator[Line]:
    """Rows that are measured in a process with one thread, by the processor's time."""
    code = "import sys; from benchmarks.forward import alone; alone(sys.argv[1], int(sys.argv[2]))"
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    command = [*python("-W", "ignore", "-c", code), group, str(runs)]
    made = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    for row in json.loads(made.stdout):
        row.pop("reached")
        yield Line(**row)


def alone(group: str, runs: int) -> None:
    """Print the rows of one thread, measured in this process, as JSON."""
    import torch

    from cnncalc.execute import run as run_module

    torch.set_num_threads(1)
    run_module.perf_counter = process_time  # type: ignore[attr-defined]
    print(json.dumps([line.to_dict() for line in globals()[group](runs)]))


def _against_torch(runs: int) -> Iterator[Line]:
    import torch

    from benchmarks.peer_torch import Network, inputs
    from cnncalc.execute import run as run_module

    note = ", one thread" if one_thread() else ""
    torch.manual_seed(0)
    ratios = []
    many = torch.get_num_threads()
    against = (
        f"torch {torch.__version__}, {many} thread{'s' if many > 1 else ''}, {'processor' if note else 'wall'} time"
    )
    for name in NETWORKS:
        report = package.load(name).report()
        network = Network(report).eval()
        taken = inputs(report)
        ours, theirs = [], []
        with torch.no_grad():
            for turn in range(_turns(report, runs) + 1):
                run = run_module.execute(report, dtype="float32")
                started = now()
                network(*taken)
                seconds = now() - started
                if turn:
                    ours.append(run.seconds)
                    theirs.append(seconds)
        pair = Pair(ours, theirs)
        ratios.append(pair.ratio)
        reach = "" if name == "lenet5" else "<= 1.4"
        yield Line(f"forward {name}{note}", against, pair.ratio, "x", reach, pair.to_dict())
    yield Line(f"forward, geometric mean{note}", against, geometric_mean(ratios), "x", "<= 0.95" if note else "<= 1.0")


def _turns(report: Any, runs: int) -> int:
    return runs if report.totals.macs < 20e9 else max(3, runs // 3)


def _reference(runs: int) -> Iterator[Line]:
    import onnx
    import torch
    from onnx.reference import ReferenceEvaluator

    from benchmarks.peer_torch import Network, inputs
    from cnncalc.execute.run import execute

    faster = []
    for name in EVALUATED:
        report = package.load(name).report()
        taken = inputs(report)
        file = io.BytesIO()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(Network(report).eval(), tuple(taken), file, dynamo=False)
        model = onnx.load_from_string(file.getvalue())
        evaluator, given = ReferenceEvaluator(model), {model.graph.input[0].name: taken[0].numpy()}
        ours, theirs = [], []
        for turn in range(max(2, runs // 3) + 1):
            seconds = execute(report, dtype="float32").seconds
            started = now()
            evaluator.run(None, given)
            if turn:
                ours.append(seconds)
                theirs.append(now() - started)
        pair = Pair(ours, theirs)
        faster.append(1 / pair.ratio)
        yield Line(
            f"forward {name}",
            f"onnx {onnx.__version__} reference, processor time",
            faster[-1],
            "x faster",
            "",
            pair.to_dict(),
        )
    yield Line("forward, geometric mean", "onnx reference, processor time", geometric_mean(faster), "x faster", ">= 20")


def memory(runs: int) -> Iterator[Line]:
    """The peak of a process that executes a network, over what it stood at before."""
    for name in ("vgg16", "resnet50", "unet", "vit_b_16", "gpt2"):
        made = subprocess.run(
            python("-c", "import sys; from benchmarks.forward import peak; peak(sys.argv[1])", name),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        found = json.loads(made.stdout)
        yield Line(
            f"peak memory of the forward, {name}",
            "weights and the two largest activations",
            found["peak"] / found["least"],
            "x",
            "<= 2.0",
            found,
        )
        if name == "vit_b_16":
            yield Line("drawing the weights of vit_b_16", "itself, processor time", found["drawing"], "s", "< 1.0")


def peak(name: str) -> None:
    """Execute once in this process and print what it took."""
    from cnncalc.execute import run as run_module

    run_module.perf_counter = process_time  # type: ignore[attr-defined]
    report = package.load(name).report()
    # getrusage would begin with the peak of the process that started this one.
    before = _status("VmRSS")
    run = run_module.execute(report, dtype="float32")
    grown = _status("VmHWM") - before
    weights = sum(prod(held.shape) for row in report.rows for held in (*row.own, *row.facts.buffers))
    sizes = [prod(given.shape) for given in report.graph.inputs] + [prod(row.facts.shape[1:]) for row in report.rows]
    least = 4 * (weights + sum(sorted(sizes)[-2:]))
    print(json.dumps({"peak": grown, "least": least, "drawing": run.drawing}))


def _status(name: str) -> int:
    """Bytes that Linux says of this process."""
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


def _backward(runs: int) -> Iterator[Line]:
    import torch

    from cnncalc.execute.engine import threads
    from cnncalc.execute.gradient import autodiff
    from cnncalc.execute.kernels.conv import conv

    numbers = np.random.default_rng(0)
    ratios = []
    for channels, filters, size, kernel, stride in CONVOLUTIONS:
        border = kernel // 2
        layer = SimpleNamespace(
            padding=((border, border),) * 2,
            stride=(stride, stride),
            dilation=(1, 1),
            groups=1,
            padding_mode="zeros",
            kernel_size=(kernel, kernel),
        )
        x = numbers.standard_normal((1, channels, size, size), dtype=np.float32)
        weights = {
            "weight": numbers.standard_normal((filters, channels, kernel, kernel), dtype=np.float32),
            "bias": numbers.standard_normal(filters, dtype=np.float32),
        }
        leaves = {name: autodiff.new_leaf(array) for name, array in weights.items()}
        image = autodiff.new_leaf(x)
        made = conv(layer, leaves, image)
        g = np.ones(made.shape, np.float32)
        way = autodiff.find_path([made._node], {image._node, *(leaf._node for leaf in leaves.values())})

        def ours(way: Any = way, made: Any = made, g: Any = g) -> None:
            with threads.together():
                autodiff.backprop(way, {made._node: g})

        module = torch.nn.Conv2d(channels, filters, kernel, stride, border)
        given = torch.from_numpy(x).requires_grad_()
        out = module(given)
        back = torch.ones_like(out)

        def theirs(out: Any = out, back: Any = back, given: Any = given, module: Any = module) -> None:
            torch.autograd.grad(out, [given, *module.parameters()], back, retain_graph=True)

        pair = turns(ours, theirs, max(3, runs))
        ratios.append(pair.ratio)
        what = f"backward, {channels} to {filters} channels, {kernel}x{kernel} on {size}x{size}, stride {stride}"
        yield Line(what, "torch autograd, processor time", pair.ratio, "x", "<= 2.0", pair.to_dict())
    yield Line(
        "backward of convolutions, geometric mean",
        "torch autograd, processor time",
        geometric_mean(ratios),
        "x",
        "<= 2.0",
    )


def _whole(runs: int) -> Iterator[Line]:
    """Networks forward and back, to every weight and input: `run --backward` and torch autograd."""
    import torch

    from benchmarks.peer_torch import Network, inputs
    from cnncalc.execute.engine import threads
    from cnncalc.execute.gradient import autodiff
    from cnncalc.execute.gradient.tape import Tape
    from cnncalc.execute.run import execute

    against = "torch autograd, whole pass, one thread, processor time"
    ratios = []
    for name in (name for name in NETWORKS if name != "gpt2"):
        report = package.load(name).report()
        execution = execute(report, dtype="float32", keep="all")
        network = Network(report).eval()
        taken = [given.requires_grad_() if given.is_floating_point() else given for given in inputs(report)]

        def ours(execution: Any = execution, report: Any = report) -> None:
            tape = Tape(execution)
            leaves = [array for array in (*tape.values.values(), *tape.weights.values()) if hasattr(array, "_node")]
            wanted = {leaf._node for leaf in leaves if not leaf._node.parents}
            end = tape.values[report.graph.output]
            with threads.together():
                autodiff.backprop(autodiff.find_path([end._node], wanted), {end._node: np.ones(end.shape, end.dtype)})

        def theirs(network: Any = network, taken: Any = taken) -> None:
            out = network(*taken)
            wanted = [*network.parameters(), *(given for given in taken if given.requires_grad)]
            torch.autograd.grad(out, wanted, torch.ones_like(out), allow_unused=True)

        pair = turns(ours, theirs, runs)
        ratios.append(pair.ratio)
        yield Line(f"forward and backward, {name}", against, pair.ratio, "x", "", pair.to_dict())
    yield Line("forward and backward, geometric mean", against, geometric_mean(ratios), "x", "<= 1.5")


def exactness(runs: int) -> Iterator[Line]:
    """What double precision costs, and Winograd's convolutions lose: both against single precision."""
    from cnncalc.execute.run import execute

    for name in ("vgg16", "resnet50", "vit_b_16"):
        report = package.load(name).report()
        ratios, apart = [], 0.0
        for turn in range(max(2, runs // 3) + 1):
            single, double = (execute(report, dtype=dtype) for dtype in ("float32", "float64"))
            if turn:
                ratios.append(double.seconds / single.seconds)
            exact = double["output"]
            apart = float(np.abs(single["output"] - exact).max() / np.abs(exact).max())
        yield Line(f"forward {name} in float64", "float32", median(ratios), "x", "")
        yield Line(f"largest difference of {name} in float32", "float64, its largest number", apart, "", "< 1e-4")
