"""Parameters and MACs by several counters: `python -m benchmarks.accuracy` prints the tables of docs/comparison.md.

It needs torch, torchinfo, fvcore, ptflops, calflops, thop, torchprofile, torchlens, deepspeed and onnx-tool; the column
of what is not installed says so. The networks, and the counts by hand, stand in accuracy_cases.py.
"""

from __future__ import annotations

import contextlib
import io
import logging
import multiprocessing
import sys
import tempfile
import warnings
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import torch
from torch import nn

import cnncalc
from benchmarks.accuracy_cases import CASES, Case

COUNTERS = (
    *("torchinfo", "fvcore", "ptflops", "ptflops_aten", "calflops", "thop", "torchprofile", "torchlens"),
    *("deepspeed", "onnx_tool"),
)


LONGEST = 60.0  # seconds that a counter has


def torchinfo(model: nn.Module, shape: tuple[int, ...]) -> tuple[int, int]:
    """Parameters and "mult-adds" of torchinfo."""
    from torchinfo import summary

    found = summary(model, input_size=(1, *shape), verbose=0)
    return found.total_params, found.total_mult_adds


def fvcore(model: nn.Module, shape: tuple[int, ...]) -> tuple[int, int]:
    """Of fvcore, whose "flop" is a multiply-accumulate."""
    from fvcore.nn import FlopCountAnalysis, parameter_count

    logging.disable(logging.WARNING)
    return parameter_count(model)[""], int(FlopCountAnalysis(model, torch.zeros(1, *shape)).total())


def ptflops(model: nn.Module, shape: tuple[int, ...], backend: str = "pytorch") -> tuple[int, int]:
    """Of ptflops, with rules for modules."""
    from ptflops import get_model_complexity_info

    macs, params = get_model_complexity_info(
        model, shape, as_strings=False, print_per_layer_stat=False, verbose=False, backend=backend
    )
    return int(params), int(macs)


def ptflops_aten(model: nn.Module, shape: tuple[int, ...]) -> tuple[int, int]:
    """Of ptflops, with rules for operators."""
    return ptflops(model, shape, "aten")


def calflops(model: nn.Module, shape: tuple[int, ...]) -> tuple[int, int]:
    """Of calflops."""
    from calflops import calculate_flops

    _, macs, params = calculate_flops(
        model=model, input_shape=(1, *shape), print_results=False, output_as_string=False, print_detailed=False
    )
    return int(params), int(macs)


def thop(model: nn.Module, shape: tuple[int, ...]) -> tuple[int, int]:
    """Of thop."""
    from thop import profile

    macs, params = profile(model, inputs=(torch.zeros(1, *shape),), verbose=False)
    return int(params), int(macs)


def torchprofile(model: nn.Module, shape: tuple[int, ...]) -> tuple[None, int]:
    """Of torchprofile, which counts no parameters."""
    from torchprofile import profile_macs

    return None, int(profile_macs(model, torch.zeros(1, *shape)))


def torchlens(model: nn.Module, shape: tuple[int, ...]) -> tuple[int, int]:
    """Of torchlens."""
    from torchlens import trace

    found = trace(model, torch.zeros(1, *shape))
    return int(found.num_params), int(found.total_macs_forward or 0)


def deepspeed(model: nn.Module, shape: tuple[int, ...]) -> tuple[int, int]:
    """Of DeepSpeed's profiler."""
    from deepspeed.profiling.flops_profiler import get_model_profile

    found = get_model_profile(model, input_shape=(1, *shape), print_profile=False, as_string=False, warm_up=0)
    return int(found[2]), int(found[1])


def onnx_tool(model: nn.Module, shape: tuple[int, ...]) -> tuple[int, int]:
    """Of onnx-tool, from the file that PyTorch exports."""
    from onnx_tool import Model

    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/model.onnx"
        torch.onnx.export(model, (torch.zeros(1, *shape),), file, dynamo=False)
        graph = Model(file).graph
        graph.shape_infer()
        graph.profile()
    macs = graph.macs[0] if isinstance(graph.macs, list | tuple) else graph.macs
    return int(graph.params), int(macs)


def own(case: Case) -> tuple[int, int]:
    """Of PyTorch: its parameters, and half the FLOPs of its own counter, which sees each product that runs."""
    from torch.utils.flop_counter import FlopCounterMode

    model = case.make()
    with FlopCounterMode(display=False) as counter:
        model(torch.zeros(1, *case.shape))
    return sum(weight.numel() for weight in model.parameters()), counter.get_total_flops() // 2


def ours(case: Case) -> tuple[int, int]:
    """Of cnncalc."""
    report = (cnncalc.loads(case.spec) if "\n" in case.spec else cnncalc.load(case.spec)).report()
    return report.totals.params, report.totals.macs


def said(count: Callable[[], tuple[int | None, int]]) -> tuple[int | None, int] | str:
    """What a counter says, without what it prints; the error's name where it does not come to an end."""
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return count()
    except ImportError:
        return "not installed"
    except Exception as error:
        return type(error).__name__


def counted(count: Callable[[], tuple[int | None, int]]) -> tuple[int | None, int] | str:
    """What a counter says, in a process of its own.

    Counters replace functions of PyTorch while they count, and some leave them replaced where they fail.
    """
    ours, theirs = multiprocessing.get_context("fork").Pipe(duplex=False)

    process = multiprocessing.get_context("fork").Process(target=lambda: theirs.send(said(count)))
    process.start()
    found: tuple[int | None, int] | str = ours.recv() if ours.poll(LONGEST) else "no answer"
    process.kill()
    process.join()
    return found


def cell(found: tuple[int | None, int] | str, which: int, right: int) -> str:
    """A number, marked in bold with its share of the right one where it differs."""
    if isinstance(found, str):
        return found
    number = found[which]
    if number is None:
        return "-"
    if number == right:
        return f"{number:,}"
    return f"**{number:,}** ({number / right:.2f}×)" if right else f"**{number:,}**"


def measured() -> list[tuple[Case, dict[str, Any]]]:
    """Each network by each counter, each in a model of its own, as some leave hooks and buffers behind."""
    for name in (
        "torchinfo",
        "fvcore.nn",
        "ptflops",
        "calflops",
        "thop",
        "torchprofile",
        "torchlens",
        "deepspeed",
        "onnx_tool",
    ):
        with contextlib.suppress(ImportError):  # once for all the processes
            import_module(name)
    own(CASES[0])  # PyTorch imports more when it counts for the first time
    rows = []
    for case in CASES:
        torch.manual_seed(0)
        found: dict[str, Any] = {"cnncalc": counted(lambda case=case: ours(case))}
        found["PyTorch"] = counted(lambda case=case: own(case))
        for name in COUNTERS:
            if name != "torchlens":
                found[name] = counted(counting(name, case))
        rows.append((case, found))
    for case, found in rows:  # it refuses to count in another process, and leaves functions of PyTorch replaced
        torch.manual_seed(0)
        found["torchlens"] = said(counting("torchlens", case))
    return rows


def counting(name: str, case: Case) -> Callable[[], tuple[int | None, int]]:
    """A count by a counter in a model of its own."""
    count = globals()[name]
    return lambda: count(case.make().eval(), case.shape)


def main() -> int:
    """Print the versions and both tables."""
    torch.set_num_threads(1)  # a process that is forked from one with several threads may wait for them for ever
    names = ["cnncalc", "PyTorch", *COUNTERS]
    for name in ("torch", *COUNTERS):
        with contextlib.suppress(PackageNotFoundError):
            print(f"{name} {version(name)}", file=sys.stderr)
    rows = measured()
    for which, title in ((0, "parameters"), (1, "MACs")):
        print(f"\n| {title} | by hand | {' | '.join(names)} |\n| --- |{' ---: |' * (len(names) + 1)}")
        for case, found in rows:
            right = (case.params, case.macs)[which]
            print(f"| {case.title} | {right:,} | {' | '.join(cell(found[name], which, right) for name in names)} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
