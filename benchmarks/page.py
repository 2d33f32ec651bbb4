"""The page of the last run: docs/performance.md."""

from __future__ import annotations

from typing import Any

HEAD = """# Performance

Written by `python -m benchmarks --page` from `benchmarks/results.json`, the last run of each group
(`python -m benchmarks`; peers are measured where they are installed). Everything is timed in turn, A B A B, and the
figure is the median of the ratios of neighbours; a ratio below 1 means that cnncalc is quicker. One machine, one day:
ratios carry over to other machines nearly, seconds do not. Nothing in the tests is timed.

"""
TITLES = {
    "startup": "Start: whole processes",
    "files": "Files of other tools: whole processes",
    "torchinfo": "Against torchinfo",
    "scale": "Large networks",
    "peaks": "Very many layers: whole processes",
    "spellings": "The same network in every spelling",
    "solve": "Solving",
    "forward": "The NumPy forward",
    "forward_alone": "The NumPy forward in one thread",
    "reference": "Against ONNX' reference evaluator",
    "memory": "Memory and weights",
    "backward": "Gradients",
    "exactness": "What exactness costs",
    "costs": "What shapes cost: from the text of a bundled network to its report",
    "editor": "In the editor",
    "live": "What follows a text: `--watch` and the live page",
}
FORWARD = """\
Wall time with all threads suffers from whatever else the machine does, most where threads wait for each other: such
rows are not judged where other work ran. Processor time of one thread hardly suffers: where the two differ, believe
that.
"""
ALONE = """\
What bounds it, by profiles of one thread, where either library multiplies and adds about 48 thousand million times a
second:

- ViT-B/16 and GPT-2: the products take 403 of ViT's 448 ms, as long as all of torch's pass. What is left is softmax
  (19 ms), GELU (20) and the norms (5).
- MobileNetV2: depthwise convolutions. NumPy has no loop that multiplies and adds in one step, so every number is copied
  nine times. Each call is shorter than it takes to wake a thread, so that a second one gains nothing.
- LSTM: 800 steps, each a matrix times a vector (15 microseconds) and nine short calls (8). The two directions have a
  thread each, but one interpreter.
- ResNet-50: 1x1 convolutions are products as quick as torch's; the norms between them go over the memory twice.
- LeNet-5: forty calls of NumPy, each a microsecond or more.

What the engine does beyond the plain way has to win 1.2 times on a whole network (`python -m benchmarks.tricks`: in
turn, one thread, processor time). Winograd's transform of 3x3 convolutions wins 1.45 times on VGG-16 and 1.74 on
U-Net (1.13 on ResNet-18), the table of the normal distribution 2.03 on ViT-B/16. A way of its own for depthwise
convolutions (1.05 on MobileNetV2, 1.11 on EfficientNet-B0) and images taken apart by the stride (0.97 on AlexNet,
0.99 on ResNet-50 and Inception v3) did not, and are gone: the windows of some rows are copied side by side and
multiplied.
"""
BACKWARD = """\
Of convolutions alone what autograd keeps from the way forward is there for both, and only the way back is timed. Whole
networks are followed forward and back to every weight and input. A product over one row, the gradient of a fully
connected layer's weights for one sample, is a multiplication: BLAS takes eight times as long (AlexNet 2.4 before).

The 800 steps of the LSTM were followed one operation at a time, 14 records a step and 11,200 in all; now each layer and
direction is one record, whose way back is a loop of seven operations a step and one product for each matrix: in turns
with the version before 110 ms instead of 451, where torch takes 80 (1.4 times torch instead of 7.8). Where a derivative
by a single step is asked for, the steps are taken apart again. A forward loop that writes all steps side by side, to
serve both ways, was 7 in 100 slower than one that writes each step where the last one lay, and was not kept.

What bounds the others: of MobileNetV2 (1.7 to 2.1 times torch) the gradients of filters, a
quarter of its pass, copy the windows side by side, of depthwise convolutions each number nine times, as the way
forward does.
"""
SPELLINGS = """\
A pair is a convolution and an activation, from text to report and totals (`python -m benchmarks.spellings`).

In turns with the version before, copies of a `repeat` take 13 microseconds a pair instead of 31, all others the same.
The machine is not always equally fast: on another day calls took 28 a pair and named fields 78.

What bounds the slow ones: Python's own parser takes 45 to 60 microseconds for the three lines of a pair of PyTorch
source, its check of what no parser finds 25, the rest is following them, step by step; no function has more than a
tenth of it. PyYAML's events take 2 microseconds of a pair of calls, 5 of named ones and 12 of named fields on lines;
each value with its place and each mapping costs about as much again, and each of an entry's layers of nesting is looked
at for what people write by mistake. The profile of named fields is flat: reading YAML 35 in a hundred, entries and
whose words they are 35, expansion 24, rules and sums 6, and no function of ours has a twelfth of it but the loop over
YAML's events. Equal calls and equal fields are one layer, worked out once for each scope that gives their names other
values.

Growth: what was measured as the growth of PyTorch source, 1.49, was a text of less than 200,000 letters whose tree was
kept from run to run, beside one that was parsed in each. With every text read anew and the collector held while Python
is parsed (a tree of live nodes made the next parsing 180 microseconds a pair instead of 52) and while a mapping is
read, 1,000 and 5,000 pairs take 312 and 319 on busy processors, growth 1.02; `from_dict` 73 and 79, 1.08 (1.20 before).
All others grow by at most 1.07.

Of a `repeat` three copies are expanded. Where the last two differ in nothing but their names and what they take, and
nothing asks for the copy's number, the others are made from them (`network/expansion/copies.py`).
"""
PEAKS = """\
`shapes` and `params` leave out copies of a `repeat` that are alike (docs/architecture.md, names and blocks): four are
made of a million, and rows of the others where each is asked for, 8 microseconds a row in JSON, 13 in CSV and in
`--full`, written as they come. In all other commands every copy is a layer of its own, with a node, a row and a line,
up to 50,000 layers: they go through layers in order (450 places in 138 modules), and several know a layer by its number
or identity. What grows with each copy, a receptive field or what is kept for the way back, is theirs.

A distinct layer takes 3.2 kB (4.7 before): 1.8 when it is read (values with their places, the entry, its call), 0.4
more as a layer and a node, 1.0 for what its rules say and its row; the page, made whole before it is written, 0.8. That
Python's tree of a call is let go once it is read, and constants among its arguments are nodes with slots, took 140 MB
off; that JSON makes each layer's part when it is written, and is written in parts, took more off JSON. What is read
cannot be let go, since settings and every message ask for it; and the shapes, weights and sums of a layer alone are
more than the 600 bytes that 60 MB would leave for all of it.
"""
STARTUP = """\
A plain command line is read without typer, whose import was half of every start (`cnncalc/cli/front.py`). What is left
of LeNet-5's JSON: Python itself a sixth, PyYAML a third (its reader compiles one pattern for 4 ms), the rest is ours.
Copies of a block make their layers once, and the collector does not look through everything again at the end.

Tab is answered without typer in bash, zsh and fish (`cnncalc/cli/completion.py`; 0.59 of the floor before).

What is slow: help and mistakes are typer's and pay for it, and so is what PowerShell asks. A
table of 2,000 rows on a terminal: rich takes 80 microseconds a row for wrapping and measuring each cell.
"""
SOLVE = """\
Each search is one call in a process that runs already, its first parsing included. Combinations that decide alike are
done at once (`solve/groups.py`); an option that decides how many parts a layer has, the `num_layers` of an LSTM,
makes a group for each of its values.
"""
EDITOR = """\
Statements are typed and deleted letter by letter all over a file, and after each letter the hints of 60 lines are asked
for. The type checkers read PyTorch's own sources and show the types of names: they know no shapes. On processors that
others keep busy the wall time is theirs; the processor's is of the server alone.
"""
LIVE = """\
A save counts from the moment before it until the table is on the terminal. A letter on the page counts from the event
until Chromium has drawn the other picture; 55 ms of the processor's time are the report of ResNet-50 (175 layers), the
rest is the browser's. Processes that the browser started count as others below; before the run of 2026-11-30
the machine was idle. The first visit of the static site begins with an empty store.
"""
LEFT = """\
## What the table has no rows for

Measured 2026-11-30 by hand, in processor time, while others kept both processors busy. Free sizes: `explain` of ten
convolutions with the same free kernel, stride and padding 0.7 s, with free ones of their own 0.9; VGG-16 and ResNet-18
with a free input 0.25, a transformer's layer with all sizes free 0.16, start included (reach: 2 s each). Sheets: 1,000
of 15 questions, three in ten answers wrong, take `check` 3.9 s (2.1 on a quiet machine; reach: 5 s); where a sheet has
many wrong answers it says that the mistakes behind some were not looked for.

Starts of seven commands in turns with the version before, in floors: LeNet-5's and ResNet-50's JSON 0.65 and 0.79 (0.66
and 0.81), `params llama3_70b` 0.74 (0.76), `--version`, `specs` and `layers` the same within 0.004, `explain` 0.69
(0.73): none grew by 0.02 in its best of seven runs.

Not measured: growth of every spelling beyond 5,000 pairs (PyTorch source is refused beyond
700,000 steps, about 5,500 pairs); several cores; other systems than Linux and other Pythons; NumPy with another BLAS.
"""
NOTES = {
    "forward": FORWARD,
    "torchinfo": (
        "ResNet-50 comes from torchvision, as people type it; LeNet-5 is written out, beside the same imports.\n"
        "Without it the same layers are made with torch.nn alone.\n"
    ),
    "reference": (
        "The evaluator of onnx 1.23 multiplies matrices with NumPy too, convolutions included: the ratio cannot\n"
        "be larger than what it does beside them. Of GPT-2 a third of its time is the products themselves.\n"
    ),
    "spellings": SPELLINGS,
    "peaks": PEAKS,
    "startup": STARTUP,
    "solve": SOLVE,
    "forward_alone": ALONE,
    "backward": BACKWARD,
    "editor": EDITOR,
    "live": LIVE,
    "costs": "In a process that is already running; the whole command is in the first table.\n",
}


def page(found: dict[str, Any]) -> str:
    """The text of the page from the JSON of results."""
    lines = [HEAD]
    for name, title in TITLES.items():
        group = found.get(name)
        if group is None:
            continue
        machine = group["machine"]
        lines.append(f"## {title}\n\n")
        if name in NOTES:
            lines.append(NOTES[name] + "\n")
        lines.append("| what | against | figure | reach | reached |\n| --- | --- | --- | --- | --- |\n")
        for row in group["rows"]:
            said = {True: "yes", False: "**no**", None: ""}[row["reached"]]
            if _busy(machine) and "wall time" in row["against"]:
                said = "not judged: busy"
            unit = f" {row['unit']}" if row["unit"] else ""
            lines.append(
                f"| {row['what']} | {row['against']} | {row['figure']:.3g}{unit} | {row['reach']} | {said} |\n"
            )
        if group.get("missing"):
            lines.append(f"\nNot measured: {group['missing']} is not installed.\n")
        lines.append(f"\n{_machine(machine)}\n\n")
    return "".join([*lines, LEFT]).rstrip() + "\n"


def _machine(machine: dict[str, Any]) -> str:
    """Where and how a group was measured."""
    versions = ", ".join(f"{name} {value}" for name, value in machine.items() if name not in ("others", "date", "runs"))
    said = f"Measured {machine['date']}, {machine['runs']} runs: {versions}."
    others = machine["others"]
    if others is None:
        return said
    return f"{said} Meanwhile others kept {others} processors busy."


def _busy(machine: dict[str, Any]) -> bool:
    """Whether others kept a processor busy for more than a tenth of the time."""
    return (machine["others"] or 0) > 0.1
