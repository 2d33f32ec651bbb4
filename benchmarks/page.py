"""The page of the last run: docs/performance.md."""

from __future__ import annotations

from typing import Any

HEAD = """# Performance

How fast cnncalc is, and how much memory it needs. The page is written by `python -m benchmarks --page` from
`benchmarks/results.json`, the last run of each group (`python -m benchmarks`; other tools are measured if they are
installed). The two sides of a comparison are timed alternately, A B A B, and the figure is the median of the ratios
of neighbouring runs; a ratio below 1 means that cnncalc is faster. All figures are of one machine: ratios are similar
on other machines, seconds are not. "us" is microseconds, "itself" means that a figure is absolute. The tests measure
no times.

"""
TITLES = {
    "startup": "Start: whole processes",
    "files": "Files of other tools: whole processes",
    "torchinfo": "Compared with torchinfo",
    "scale": "Large networks",
    "peaks": "Very many layers: whole processes",
    "spellings": "The same network in every form of a spec",
    "solve": "Solving",
    "forward": "The NumPy forward",
    "forward_alone": "The NumPy forward in one thread",
    "reference": "Compared with ONNX's reference evaluator",
    "memory": "Memory and weights",
    "backward": "Gradients",
    "exactness": "What exactness costs",
    "costs": "What shapes cost: from the text of a bundled network to its report",
    "editor": "In the editor",
    "live": "`--watch` and the live page",
}
FORWARD = """\
Wall time with several threads depends on what else the machine does, so such rows are not judged if there was other
load. The processor time of one thread, in the next table, hardly depends on it: if the two differ, it is the more
reliable one.
"""
ALONE = """\
What limits the speed, from profiles of one thread. Both libraries compute about 48 billion multiply-accumulates per
second:

- ViT-B/16 and GPT-2: matrix products take 403 of ViT's 448 ms, as long as the whole pass of PyTorch. The rest is
  softmax (19 ms), GELU (20 ms) and the norms (5 ms).
- MobileNetV2: depthwise convolutions. NumPy has no loop that multiplies and adds in one step, so every element is
  copied nine times. Each call takes less time than starting a thread, so a second thread does not help.
- LSTM: 800 steps, each with a matrix-vector product (15 us) and nine short calls (8 us). The two directions run in
  two threads, but share one interpreter.
- ResNet-50: 1x1 convolutions are products as fast as PyTorch's; the norms between them read the memory twice.
- LeNet-5: forty calls of NumPy, each a microsecond or more.

An optimization of the engine is kept only if it makes a whole network 1.2 times faster (`python -m
benchmarks.tricks`, measured alternately in processor time of one thread). Winograd's transform of 3x3 convolutions
makes VGG-16 1.45 times and U-Net 1.74 times faster (ResNet-18 1.13 times); a table of the normal distribution for
GELU makes ViT-B/16 2.03 times faster, and arrays in memory that is used again make ResNet-50 1.26 times faster
(MobileNetV2 0.98; 2026-12-01, beside other programs). A special method for depthwise convolutions (1.05 on
MobileNetV2, 1.11 on EfficientNet-B0) and splitting images by the stride (0.97 on AlexNet, 0.99 on ResNet-50 and
Inception v3) were removed. Other convolutions copy the windows of some rows side by side and multiply them as a
matrix. That saves memory and no time (1.01 on ResNet-50, 0.83 on AlexNet): all windows of VGG-16's second
convolution are 116 MB, a block is 2 MB.

Tried on the whole of MobileNetV2 and not faster: depthwise convolutions by contiguous shifts of the flat image in
blocks that fit the cache, multiplied and added with `out=` (0.89), by einsum over a strided view (0.48), with channels
last (0.76), as small products with banded matrices up to 32x32 (0.98). If depthwise convolutions took no time at all,
the network would be 1.47 times faster. Norms folded into the convolutions before them could gain at most 1.15 (1.07 on
ResNet-50), and a ReLU6 without cost 1.03. All of that is below 1.2, so neither was written. The LSTM computes the input
gates of all steps in one product and writes every step with `out=`; the rest is the cost of calling NumPy.
"""
BACKWARD = """\
For single convolutions only the backward pass is timed, with the saved activations present on both sides. Whole
networks are run forward and backward, to every weight and input.

Each layer and direction of an LSTM is one step of the backward pass: a loop of seven operations per time step and one
product per matrix. For 800 time steps it takes 110 ms, where PyTorch takes 80 ms; recording every operation took 451
ms. If a derivative with respect to a single time step is asked for, the steps are recorded one by one. The gradient
of a fully connected layer's weights for one sample is computed by multiplication, as BLAS takes eight times as long
for it.

MobileNetV2 takes 1.7 to 2.1 times as long as PyTorch: the gradients of filters, a quarter of the pass, copy the
windows side by side, which is nine copies of each element in depthwise convolutions.
"""
SPELLINGS = """\
The same 1,000 pairs of a convolution and an activation, written in each way that a network can be written: the time
per pair from the text to the report with its totals (`python -m benchmarks.spellings`). The machine is not always
equally fast: on another day calls took 28 us per pair and named fields 78 us.

What takes the time in the slow ones: for the three lines of a pair of PyTorch source Python's parser takes 45 to 60
us, its check of the syntax tree 25 us, and following the code the rest, with no function above a tenth of it. The
events of PyYAML take 2 us for a pair of calls, 5 us for named calls and 12 us for named fields on lines of their own.
Recording positions costs about as much again, and every level of nesting is checked for common mistakes. For named
fields reading YAML takes 35% of the time, entries and conventions 35%, expansion 24%, rules and sums 6%. Equal calls
and equal fields are computed once as one layer.

Growth from 1,000 to 5,000 pairs: 1.02 for PyTorch source, 1.08 for `from_dict`, at most 1.07 for all others. The
garbage collector is paused while Python source is parsed: with it a parse after another took 180 us per pair instead
of 52 us.


Forms that were added to the benchmark later, with busy processors (calls took 39 us then): without dashes 55, lines
of text 55, lists 86, a pasted Sequential 117, calls of which no two are equal 121, branches 131, fields of which no
two are equal 149, PyTorch source of one Sequential 164 us per pair.

Tried, and below 1.2 on every form: skipping the check for common mistakes where an entry has nothing unusual, and
reading the keys of a mapping only once (named fields 1.09, names in fields 1.08, JSON 1.08, fields 1.00); reading
calls with literal arguments without Python's parser (twice as fast if no two layers are equal, so it was kept; no
difference was seen here, where most texts are equal). Python's own check of the syntax tree takes 23 us per pair from
the tree and 42 us from the text. A separate reader for plain lines of YAML, beside PyYAML, would save half of the 52
us that named fields spend on the tree, but would be a second place that defines what a spec means; it was not
written.

Growth: single runs of 100,000 pairs, with busy processors, take 41 us per pair as calls, 63 as a chain, 70 as named
calls, 80 as fields on lines, 97 as `from_dict`, 98 as type and fields, 103 as residuals, 110 as groups, 111 as names in
fields, 115 as named fields, 126 as JSON, 317 as PyTorch source. Compared with 1,000 pairs that is at most 1.17 times as
much, except for JSON (1.28; 1.08 at 20,000 pairs) and `from_dict` (1.34; 1.11 at 20,000 pairs), where the garbage
collector goes through millions of live objects.

Of a `repeat` three copies are expanded. If the last two differ only in their names and inputs, and no expression uses
the number of a copy, the other copies are made from them (`network/expansion/copies.py`).
"""
PEAKS = """\
`shapes` and `params` leave out identical copies of a `repeat` ([names and blocks](architecture.md#names-and-blocks)):
of a million copies four are made. The rows of the others are made only where each is printed, in 8 us per row of JSON
and 13 us per row of CSV and `--full`, and written one after the other. In all other commands every copy is a layer,
up to 50,000 layers, because they compute quantities that grow with each copy, such as receptive fields and saved
activations.

A distinct layer takes 3.1 kB. By Python's own count it takes 0.9 kB to read it (the entry, its call, its name with its
position), 0.4 kB as a layer and a node, 0.7 kB for the results of its rules and its row, 0.25 kB for its line on the
page; the rest was released on the way, but Python does not return it to the system. Python and the imports take 21 MB,
the text 5 MB. What saved memory: no syntax tree for calls with literal arguments, empty mappings that are shared, and
counts by component that are computed when they are asked for: 412 MB before, 338 now; JSON 383 and 288. Weights that
are made when they are asked for were not kept, since each sum would evaluate the rules again. The target of 60 MB
would leave 340 bytes per layer, less than its shapes, weights and sums alone; and what was read must be kept, as
messages quote it.
"""
STARTUP = """\
The start of a command, compared with a process that only imports the libraries for command lines, YAML and tables.
Ordinary command lines are parsed without typer, whose import takes half as long as such a process
(`cnncalc/cli/front.py`). In `shapes lenet5 --format json` Python itself takes a sixth of the time, PyYAML a third
(its reader compiles one pattern for 4 ms), and cnncalc the rest. Completion in bash, zsh and fish does not need typer
either (`cnncalc/cli/completion.py`).

Help, errors and completion in PowerShell do use typer and take longer. A table of 2,000 rows on a terminal is slow,
as rich takes 80 us per row to wrap and measure its cells.
"""
SOLVE = """\
Each search is one call in a running process, including the first parse of the spec. Combinations for which all rules
take the same decisions are computed together (`solve/groups.py`); an option that determines the number of parts of a
layer, such as the `num_layers` of an LSTM, makes one group per value.
"""
EDITOR = """\
Statements are typed and deleted character by character in many places of a file, and after each keystroke the hints
of 60 lines are requested. The type checkers read PyTorch's sources and show the types of names, but no shapes. Wall
time depends on other load of the machine; processor time is that of the server alone.
"""
LIVE = """\
For `--watch` the time runs from before the file is saved until the table is on the terminal. For the live page it
runs from the keystroke until Chromium has drawn the new picture; 55 ms of the processor time are the report of
ResNet-50 (175 layers), the rest is the browser's. The background load below includes processes that the browser
started; otherwise the machine was idle. The first visit of the static site starts with an empty browser cache.
"""
LEFT = """\
## Measured by hand, and not measured

Measured on 2026-11-30 in processor time, including the start, with both processors busy:

- Symbolic sizes: `explain` takes 0.7 s for ten convolutions with the same symbolic kernel, stride and padding, 0.9 s
  if each has its own; 0.25 s for VGG-16 and ResNet-18 with a symbolic input; 0.16 s for a transformer layer with all
  sizes symbolic (target: 2 s each).
- Grading: `check` takes 3.9 s for 1,000 files of 15 answers, three in ten of them wrong (2.1 s on an idle machine;
  target: 5 s). If a file has many wrong answers, it says that mistakes were not searched for all of them.

Their formulas are simplified: a size in VGG-16 is ⌊H/32⌋ and not five nested divisions, one in ResNet-18
⌊(H + 31)/32⌋, and the multiply-accumulates of a transformer layer are 2·D·T·(F + T + 2·D).

Starts compared with the version before the readers of other formats and the editor's server, measured alternately, as
multiples of the floor, best of five: `shapes` of LeNet-5 and ResNet-50 in JSON 0.57 and 0.72 (before: 0.82 and 0.90),
`explain` 0.72 (0.85), `draw` 0.56 (0.92), `layers` 0.48 (0.79), `--version` 0.19 (0.60). For a spec, 15 commands
import no reader of another format and nothing of the editor; `export --to pytorch` imports 4 modules of the reader
for PyTorch, which have the names of its calls.

Not measured: more than two cores; systems other than Linux, and other versions of Python; NumPy with another BLAS.
"""
NOTES = {
    "forward": FORWARD,
    "torchinfo": (
        "For torchinfo ResNet-50 is imported from torchvision, and LeNet-5 is written out with the same imports;\n"
        '"without torchvision" the same layers are made with torch.nn alone.\n'
    ),
    "reference": (
        "The evaluator of onnx 1.23 multiplies matrices with NumPy too, also for convolutions, so only the rest of\n"
        "its time can be saved. For GPT-2 a third of its time is in the products themselves.\n"
    ),
    "spellings": SPELLINGS,
    "peaks": PEAKS,
    "startup": STARTUP,
    "solve": SOLVE,
    "forward_alone": ALONE,
    "backward": BACKWARD,
    "editor": EDITOR,
    "live": LIVE,
    "costs": "In a running process; the first table has whole commands.\n",
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
        lines.append("| what | compared with | figure | target | met |\n| --- | --- | --- | --- | --- |\n")
        for row in group["rows"]:
            said = {True: "yes", False: "**no**", None: ""}[row["reached"]]
            if _busy(machine) and "wall time" in row["against"]:
                said = "not judged: background load"
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
    return f"{said} Background load: {others} processors."


def _busy(machine: dict[str, Any]) -> bool:
    """Whether others kept a processor busy for more than a tenth of the time."""
    return (machine["others"] or 0) > 0.1
