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
    "torchinfo": "Against torchinfo",
    "scale": "Large networks",
    "spellings": "The same network in every spelling",
    "solve": "Solving",
    "forward": "The NumPy forward",
    "reference": "Against ONNX' reference evaluator",
    "memory": "Memory and weights",
    "backward": "Gradients of convolutions",
    "exactness": "What exactness costs",
    "costs": "What shapes cost: from the text of a bundled network to its report",
    "editor": "In the editor",
    "live": "What follows a text: `--watch` and the live page",
}
FORWARD = """\
Wall time with all threads suffers from whatever else the machine does, most where threads wait for each other: such
rows are not judged where other work ran. Processor time of one thread hardly suffers: where the two differ, believe
that.

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
SPELLINGS = """\
A pair is a convolution and an activation, from text to report and totals (`python -m benchmarks.spellings`).

What bounds the slow ones: Python's own parser takes 40 microseconds for the three lines of a pair of PyTorch source,
the rest is following them. PyYAML's events take 2 microseconds of a pair of calls, 5 of named ones and 12 of named
fields on lines; each value with its place and each mapping costs about as much again, and each of an entry's layers
of nesting is looked at for what people write by mistake. Every copy of a `repeat` is a layer of its own: 25,000 copies
of a block of two layers take half a second and 44 MB, and beyond 50,000 layers a repeat is refused. One layer for all
copies would have to hold in everything that goes through layers or rows in order (nearly 400 places, in a hundred
modules), and was not done. Equal calls and equal fields are one layer, worked out once for each scope that gives their
names other values.
"""
STARTUP = """\
A plain command line is read without typer, whose import was half of every start (`cnncalc/cli/front.py`). What is left
of LeNet-5's JSON: Python itself a sixth, PyYAML a third (its reader compiles one pattern for 4 ms), the rest is ours.
Copies of a block make their layers once, and the collector does not look through everything again at the end.

What is slow: help, completion and mistakes are typer's and pay for it; completion without it would need what each shell
is told written a second time. A table of 2,000 rows on a terminal: rich takes 80 microseconds a row for wrapping and
measuring each cell.
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
rest is the browser's. The first visit of the static site begins with an empty store.
"""
LEFT = """\
## What was not measured

Growth of every spelling (PyTorch source is refused beyond 700,000 steps, about 5,500 pairs);
several cores; other systems than Linux and other Pythons; NumPy with another BLAS. Peak memory of `shapes` for 100,000
layers that are all distinct: 536 MB as a table, 683 MB as JSON (reach: 60 MB), 5 kB a layer: each has its entry, its
layer with options, its shapes and weights, a row, and the page is made whole before it is written. Free sizes:
`explain` of ten convolutions with a free kernel, stride and padding takes 0.5 s of processor time, with some of them
0.15 to 0.2; VGG-16, ResNet-18 with a free input and a transformer's layer with free sizes 0.1 to 0.2 (reach: 2 s each).
Sheets: 1,000 of 15 questions, three in ten answers
wrong, take `check` 2.1 s of processor time (reach: 5 s); where a sheet has many wrong answers it says that the mistakes
behind some were not looked for.
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
    "startup": STARTUP,
    "solve": SOLVE,
    "backward": "What autograd keeps from the way forward is there for both; only the way back is timed.\n",
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
