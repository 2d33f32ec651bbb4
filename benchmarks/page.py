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

Tried for MobileNetV2 on the whole network, and slower or no quicker: depthwise convolutions by contiguous shifts of the
flat image in blocks that fit the cache, multiplied and added with `out=` (0.89), by einsum over a strided view (0.48),
with channels last (0.76), as small products with banded matrices up to 32x32 (0.98). If they took no time at all it
would be 1.47. Norms folded into the convolutions before them could win at most 1.15 (ResNet-50 1.07), and ReLU6 that
costs nothing 1.03: below 1.2, so neither was written. The LSTM has one product for all gates of all steps, and writes
every step with `out=`; NumPy's calls are what is left.
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

Forms that the benchmark has since, on busy processors (calls 39 then): without dashes 55, lines of text 55, lists 86, a
pasted Sequential 117, calls of which no two are alike 121, branches 131, fields of which no two are alike 149, PyTorch
source of one Sequential 164.

Tried, and below 1.2 on every form: entries of a name, a type and fields taken without looking at what people write by
mistake, where nothing in them is unusual, and mappings without a second look at their keys (named fields 1.09, names in
fields 1.08, JSON 1.08, fields 1.00); calls of literals cut apart without Python's parser (twice as quick to read where
no two layers are alike, kept for that, and 1.00 to 1.03 here, where most texts are equal). Python's check of what no
parser finds takes 23 microseconds a pair from the tree and 42 from the text. A reader of its own for plain lines of
YAML, beside PyYAML, would save half of named fields' 52 microseconds for the tree, and be a second place that says what
a spec means; it was not written.

Growth: every text is read anew, and the collector held while Python is parsed (a tree of live nodes made the next
parsing 180 microseconds a pair instead of 52) and while a mapping is read. Of 100,000 pairs, refused before, single
runs on busy processors take 41 microseconds a pair as calls, 63 as a chain, 70 as named calls, 80 as fields on lines,
97 as `from_dict`, 98 as type and fields, 103 as residuals, 110 as groups, 111 as names in fields, 115 as named fields,
126 as JSON, 317 as PyTorch source: growth from 1,000 at most 1.17, but for JSON (1.28; 1.08 at 20,000 pairs) and
`from_dict` (1.34; 1.11), where the collector looks through millions of live objects between two steps.

Of a `repeat` three copies are expanded. Where the last two differ in nothing but their names and what they take, and
nothing asks for the copy's number, the others are made from them (`network/expansion/copies.py`).
"""
PEAKS = """\
`shapes` and `params` leave out copies of a `repeat` that are alike (docs/architecture.md, names and blocks): four are
made of a million, and rows of the others where each is asked for, 8 microseconds a row in JSON, 13 in CSV and in
`--full`, written as they come. In all other commands every copy is a layer of its own, with a node, a row and a line,
up to 50,000 layers: they go through layers in order (450 places in 138 modules), and several know a layer by its number
or identity. What grows with each copy, a receptive field or what is kept for the way back, is theirs.

A distinct layer takes 3.1 kB of the process (4.7 in the beginning): of Python's own count 0.9 when it is read (its
entry, its call, its name with its place), 0.4 more as a layer and a node, 0.7 for what its rules say and its row, 0.25
for its line on the page; the rest is what was let go on the way, which Python does not give back. Python and the
imports are 21 MB, the text 5. What took memory off: no tree of Python for a call of literals, each argument one object
(and half the time to read), empty mappings that are shared, counts by component that are made when they are asked for,
one table less of what layers said before: 412 MB to 338, JSON 383 to 288. Not kept, since rules would run again for
each sum: weights that are made when they are asked for. What is read cannot be let go, since settings and every
message ask for it; and the shapes, weights and sums of a layer alone are more than the 340 bytes that 60 MB would leave
for all of it.
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

The formulas of these networks are simplified: a size of VGG-16 is ⌊H/32⌋ and not five divisions inside each other, one
of ResNet-18 ⌊(H + 31)/32⌋, all multiply-accumulates of a transformer's layer 2·D·T·(F + T + 2·D).

Starts against the version before the readers of other formats and the editor's server, in turns, in floors, the best
of five: `shapes` of LeNet-5 and ResNet-50 in JSON 0.57 and 0.72 (0.82 and 0.90), `explain` 0.72 (0.85), `draw` 0.56
(0.92), `layers` 0.48 (0.79), `--version` 0.19 (0.60). By their lists of modules, 15 commands load no reader and nothing
of the editor for a spec; `export --to pytorch` loads 4 modules of the reader, with the names that it gives its calls.

Not measured: several cores; other systems than Linux and other Pythons; NumPy with another BLAS.
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
