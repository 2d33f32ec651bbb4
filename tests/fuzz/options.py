"""Every option of every layer type with values that it should not have, one after the other.

By hand, all of them (some minutes):

    python -m tests.fuzz.options
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from cnncalc import layers
from cnncalc.pages.layers import example, kinds
from tests.fuzz.bounded import limits, run

VALUES = (
    "None", "[None]", "[None, -1]", "[[1]]", "[]", '["a"]', "[0, 0]", "[1, 2, 3, 4, 5]", "[1.5]", "[1e30, 2]",
    "True", "-1", "0", "1.5", "1e30", "2**70", '"x"', '"same"', "N",
)  # fmt: skip


def inputs() -> Iterator[tuple[str, str, str]]:
    """The layer type, the option, and a spec or chain: an example of the layer with another value of the option."""
    every = [(convention, name) for convention in ("pytorch", "keras") for name, _ in kinds(convention)]
    table = {(convention, name): example(name, convention) for convention, name in every}
    for (convention, name), text in table.items():
        kind = layers.find(name, convention)
        found = re.search(rf"(?:->|-|\w+:) ({name}(?:\(.*\))?)$", text, re.MULTILINE)
        if found is None or kind is None:
            continue  # it is no call
        for option in kind.options:
            shown = option.rstrip("_")
            for value in VALUES:
                yield name, shown, text[: found.start(1)] + given(found[1], shown, value) + text[found.end(1) :]


def given(call: str, option: str, value: str) -> str:
    """The call with the option, in place of what it may have said of it."""
    name, _, rest = call.partition("(")
    parts, depth = [""], 0
    for letter in rest[:-1]:
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    kept = [part.strip() for part in parts if part.strip() and not part.strip().startswith(f"{option}=")]
    return f"{name}({', '.join([*kept, f'{option}={value}'])})"


def findings(folder: Path, every: int = 1, first: int = 0) -> Iterator[tuple[str, str]]:
    """What is wrong, and the input; of all inputs one in `every`, from number `first`."""
    net = folder / "net.yaml"
    for number, (_, _, text) in enumerate(inputs()):
        if number % every != first:
            continue
        argv = ["shapes", text, "--macs"]
        if "\n" in text:
            net.write_text(text, "utf-8")
            argv[1] = str(net)
        outcome = run(argv)
        if outcome.finding:
            yield outcome.finding, text


def main() -> int:
    """Try all; 1 where something was found."""
    found = 0
    with tempfile.TemporaryDirectory() as folder, limits():
        for finding, text in findings(Path(folder)):
            found += 1
            print(f"{finding}\n  {text!r}", flush=True)
    print(f"{sum(1 for _ in inputs())} inputs, {found} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
