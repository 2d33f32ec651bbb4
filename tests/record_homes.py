"""Record where PyTorch has the functions that are followed: `python record_homes.py`, where torch is.

Writes cnncalc/read/python/functions/homes.py: a function that stands in torch.nn.functional alone is no method.
"""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

import torch

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "cnncalc" / "read" / "python" / "functions" / "homes.py"
APART = ("fft_", "linalg_", "sparse_", "special_", "__")  # of modules of their own, and operators
HEAD = '''"""Names of functions that torch, torch.nn.functional or torch.Tensor lacks, by tests/record_homes.py."""

LACKS = {
'''


def names() -> list[str]:
    sys.path.insert(0, str(ROOT))
    from cnncalc.read.python.functions.base import METHODS_ONLY, OPS

    return sorted({*OPS, *METHODS_ONLY} - {"astype"})  # which is NumPy's


def main() -> None:
    text = HEAD
    for key, home in (("torch", torch), ("F", torch.nn.functional), ("Tensor", torch.Tensor)):
        absent = " ".join(name for name in names() if not name.startswith(APART) and not hasattr(home, name))
        lines = textwrap.wrap(absent, 100, break_on_hyphens=False)
        joined = "\n".join(f'        "{line} "' for line in lines)
        text += f'    "{key}": (\n{joined}\n    ),\n'
    TARGET.write_text(text + "}\n")


if __name__ == "__main__":
    main()
