"""The command line, one module a command.

Ctrl-C ends a command without a word, also before `app.main` is there to see to it.
"""

from __future__ import annotations

import sys
from types import TracebackType

_before = sys.excepthook


def _ended(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        _before(kind, error, trace)


sys.excepthook = _ended
