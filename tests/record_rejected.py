"""Record where PyTorch stops in the files of data/rejected.txt: `python record_rejected.py`, where torch is.

Each case has a title with the sizes of its input, and a text that begins with the imports of HEAD. The model is
`model`, or an instance of `Net`; it gets a batch of two and then one of five.
"""

from __future__ import annotations

import json
import traceback
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
HEAD = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"


def cases() -> list[tuple[str, str, str]]:
    """Title, sizes of the input, text."""
    found = []
    for part in (DATA / "rejected.txt").read_text().split("=== ")[1:]:
        head, _, body = part.partition("\n")
        title, _, given = head.partition(" | ")
        found.append((title, given, HEAD + body))
    return found


def stop(text: str, given: str) -> tuple[int, str]:
    """The line where Python stops, and what it says."""
    import torch

    try:
        names: dict[str, Any] = {"__name__": "case"}
        exec(compile(text, "<case>", "exec", dont_inherit=True), names)
        model = names["model"] if "model" in names else names["Net"]()
        for batch in (2, 5):
            model.eval()(torch.rand(batch, *map(int, given.split("x"))))
    except SyntaxError as error:
        return error.lineno or 0, error.msg
    except Exception as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == "<case>"]
        return lines[-1] or 0, f"{type(error).__name__}: {error}".split("\n")[0]
    raise SystemExit(f"PyTorch takes this:\n{text}")


def main() -> None:
    lines = [json.dumps([title, *stop(text, given)]) for title, given, text in cases()]
    (DATA / "rejected.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")


if __name__ == "__main__":
    main()
