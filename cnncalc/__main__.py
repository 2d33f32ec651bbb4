"""`python -m cnncalc`."""

from __future__ import annotations

import sys

from cnncalc.cli.app import main

if __name__ == "__main__":
    sys.exit(main())
