"""The measured rows: each gives lines of (what, against, ratio or figure, reach)."""

from __future__ import annotations

import contextlib
import gc
import io
import subprocess
import tempfile
import tracemalloc
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import cnncalc as package
from benchmarks.line import Line
from benchmarks.timing import Pair, cnncalc, processes, python
from cnncalc.network.propagate import propagate

NETWORKS = ("lenet5", "alexnet", "vgg16", "resnet50", "mobilenet_v2", "unet", "vit_b_16", "gpt2", "lstm_classifier")
THIN = ("llama3_70b", "bert_large", "mixtral_8x22b")  # blocks many times, from a few lines
FLOOR = python("-c", "import typer, yaml, rich.console, rich.table")


def _ratio(what: str, against: str, pair: Pair, reach: str) -> Line:
    return Line(what, against, pair.ratio, "x", reach, pair.to_dict())


def startup(runs: int) -> Iterator[Line]:
    """Whole processes against the cost of importing the libraries."""
    floor = "importing typer, yaml, rich; processor time"
    with tempfile.TemporaryDirectory() as folder:
        long = Path(folder) / "long.yaml"
        long.write_text("input: [64, 8, 8]\nlayers:\n" + "  - Conv2d(64, 64, 3, padding=1)\n  - ReLU\n" * 1_000)
        for what, words, terminal, reach in (
            ("shapes lenet5 --format json", _json("lenet5"), False, "<= 0.75"),
            ("shapes resnet50 --format json", _json("resnet50"), False, "<= 0.8"),
            *((f"params {net}", cnncalc("params", net), False, "<= 0.85") for net in THIN),
            ("shapes lenet5, table on a terminal", cnncalc("shapes", "lenet5"), True, "<= 1.1"),
            ("shapes resnet50, table on a terminal", cnncalc("shapes", "resnet50"), True, "<= 1.3"),
            ("cost lenet5, table on a terminal", cnncalc("cost", "lenet5"), True, ""),
            ("shapes of 1,000 pairs --format json", _json(str(long)), False, "<= 1.6"),
            ("shapes of 1,000 pairs, table on a terminal", cnncalc("shapes", str(long)), True, ""),
            ("--version", cnncalc("--version"), False, "<= 0.3"),
            ("--help", cnncalc("--help"), True, ""),
            ("specs completion", _completion(), False, "<= 0.4"),
            *((word, cnncalc(word), False, "<= 1.5") for word in ("specs", "layers", "why")),
        ):
            yield _ratio(what, floor, processes(words, FLOOR, runs, terminal), reach)


def _json(net: str) -> list[str]:
    return cnncalc("shapes", net, "--format", "json")


def _completion() -> list[str]:
    code = (
        "import os, sys;"
        "os.environ.update(_CNNCALC_COMPLETE='complete_bash', COMP_WORDS='cnncalc sha', COMP_CWORD='1');"
        "sys.argv = ['cnncalc']; from cnncalc.cli.app import main; sys.exit(main())"
    )
    return python("-c", code)


def torchinfo(runs: int) -> Iterator[Line]:
    """The same question to torchinfo: of torchvision's networks where it is installed, and of the same layers."""
    with_vision = ("torchvision",) if find_spec("torchvision") else ()
    for words, said, reach in (
        *[((word,), "torchinfo and torchvision, their start included", ">= 20") for word in with_vision],
        ((), "torchinfo without torchvision, its start included", ""),
    ):
        for net in ("lenet5", "resnet50"):
            peer = python("-m", "benchmarks.peer_torchinfo", net, *words)
            pair = processes(_json(net), peer, max(3, runs // 3))
            yield Line(f"shapes {net}", said, 1 / pair.ratio, "x faster", reach, pair.to_dict())


def chain(pairs: int) -> str:
    """The text of a spec with so many pairs of convolution and activation."""
    lines = (f"  - conv{i}: Conv2d(64, 64, 3, padding=1)\n  - relu{i}: ReLU\n" for i in range(pairs))
    return "input: [64, 8, 8]\nlayers:\n" + "".join(lines)


def scale(runs: int) -> Iterator[Line]:
    """From text to report, and propagation alone, for growing networks."""
    package.loads(chain(2)).report()
    whole: dict[int, float] = {}
    alone: dict[int, float] = {}
    for pairs in (1_000, 10_000, 100_000):
        text = chain(pairs)
        found, rules = [], []
        for _ in range(max(3, runs // 3)):
            started = perf_counter()
            network = package.loads(text)
            graph, problems = network.graph()
            middle = perf_counter()
            report = propagate(graph, problems)
            assert report.totals.params == pairs * 36928
            ended = perf_counter()
            rules.append((ended - middle) / pairs * 1e6)
            found.append((ended - started) / pairs * 1e6)
            del network, graph, report
            gc.collect()
        whole[pairs], alone[pairs] = median(found), median(rules)
        yield Line(f"text to report, {pairs:,} pairs", "itself", whole[pairs], "us per pair", "<= 45")
        yield Line(f"propagation and totals, {pairs:,} pairs", "itself", alone[pairs], "us per pair", "<= 6")
    yield Line("growth from 1,000 to 100,000 pairs", "itself", whole[100_000] / whole[1_000], "x", "< 1.2")
    tracemalloc.start()
    report = package.loads(chain(50_000)).report()
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    yield Line("memory of 100,000 layers", "itself", kept / len(report.rows), "bytes per layer", "<= 2000")


def peaks(runs: int) -> Iterator[Line]:
    """Whole processes on very many layers: the most memory they have, and their time."""
    with tempfile.TemporaryDirectory() as folder:
        distinct = Path(folder) / "distinct.yaml"
        sizes = [64 + at * 7919 % 100_003 for at in range(100_001)]
        lines = (f"  - l{at}: Linear({sizes[at]}, {sizes[at + 1]})\n" for at in range(100_000))
        distinct.write_text(f"input: [{sizes[0]}]\nlayers:\n" + "".join(lines))
        for words in (["shapes", str(distinct)], _json(str(distinct))[3:]):
            what = f"shapes of 100,000 distinct layers{', JSON' if len(words) > 2 else ''}"
            yield Line(what, "itself, peak memory", _spent(words)[1], "MB", "<= 60")
        block = "define:\n  b:\n  - Conv2d(64, 64, 3, padding=1)\n  - ReLU\n"
        files = {copies: Path(folder) / f"repeat_{copies}.yaml" for copies in (2, 100_000, 1_000_000)}
        for copies, file in files.items():
            file.write_text(f"input: [64, 8, 8]\n{block}layers:\n  - {{b: b, repeat: {copies}}}\n")
        for command in ("shapes", "params"):
            pairs = [[_spent([command, str(files[copies])]) for copies in (2, 1_000_000)] for _ in range(max(3, runs))]
            for at, of in enumerate(("processor time", "peak memory")):
                ratio = median(large[at] / small[at] for small, large in pairs)
                yield Line(f"{command} of repeat: 1,000,000, two layers each", f"repeat: 2, {of}", ratio, "x", "<= 1.2")
        for words in (["--format", "json"], ["--format", "csv"], ["--full"]):
            small, large = (_spent(["shapes", str(files[copies]), *words])[1] for copies in (2, 100_000))
            what = f"shapes of repeat: 100,000, two layers each, {' '.join(words)}"
            yield Line(what, "repeat: 2, peak memory", large / small, "x", "<= 1.2")


def _spent(words: list[str]) -> tuple[float, float]:
    """Processor seconds and the peak of memory in MB of a command."""
    code = (
        "import sys, time; from cnncalc.cli.app import main; main(); "
        # getrusage would begin with the memory of the process that started this one
        "held = next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')); "
        "print(time.process_time(), int(held) / 1024, file=sys.stderr)"
    )
    made = subprocess.run(
        python("-c", code, *words), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True
    )
    seconds, size = made.stderr.splitlines()[-1].split()
    return float(seconds), float(size)


def solving(runs: int) -> Iterator[Line]:
    """Solving backwards: 100,000 combinations of a chain of ten layers."""
    from benchmarks.searches import SEARCHES
    from cnncalc.cli.app import main

    net = (
        "3x64x64 -> Conv2d(3, 16, k, stride=s, padding=p) -> ReLU -> Conv2d(out_channels=16, kernel_size=k, padding=q)"
        " -> ReLU -> MaxPool2d(2) -> Conv2d(out_channels=c, kernel_size=j, padding=p) -> ReLU -> MaxPool2d(2)"
        " -> Flatten -> Linear(out_features=10)"
    )
    ranges = ["k=1..5", "s=1..4", "p=0..3", "q=0..4", "c=1..50", "j=1..5"]
    seconds = []
    for _ in range(max(2, runs // 5)):
        started = perf_counter()
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            main(["solve", net, *ranges, "--want", "total.params == 12345", "--format", "json"])
        seconds.append(perf_counter() - started)
    yield Line(
        "solve, 100,000 combinations of 10 layers", "itself", median(seconds) / 1e6 * 1e6, "us per layer", "<= 20"
    )
    for net, words, want, count, layers in SEARCHES:
        began = process_time()
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            main(["solve", net, *words.split(), "--want", want, "--format", "json"])
        spent = (process_time() - began) / (count * layers) * 1e6
        what = f"solve `{net.replace('|', '/')}`, {count:,} combinations"
        yield Line(what, "itself, processor time", spent, "us per layer", "<= 8")


def costs(runs: int) -> Iterator[Line]:
    """Bundled networks, from their text to the report, in a process that is already running."""
    for net in NETWORKS:
        seconds = []
        report = package.load(net).report()
        for _ in range(max(3, runs)):
            started = perf_counter()
            report = package.load(net).report()
            seconds.append(perf_counter() - started)
        yield Line(f"{net}, {len(report.rows)} layers", "itself", median(seconds) * 1e3, "ms", "")
