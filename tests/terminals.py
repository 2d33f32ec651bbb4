"""Commands in a pseudo-terminal of a given width: one process runs them all, its output is what a screen is sent."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence

CHILD = """
import json, sys
from cnncalc.cli.app import main
for argv in json.loads(sys.argv[1]):
    print(chr(1), end="", flush=True)
    main(argv)
"""


def shown(commands: Sequence[Sequence[str]], columns: int, term: str = "xterm", problems: bool = False) -> list[str]:
    """What each command prints on a terminal of that many columns, without colours, and whether with its problems."""
    import fcntl
    import pty
    import struct
    import termios

    screen, program = pty.openpty()
    fcntl.ioctl(program, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD, json.dumps([list(argv) for argv in commands])],
        stdin=subprocess.DEVNULL,
        stdout=program,
        stderr=program if problems else subprocess.DEVNULL,
        env={**environment, "TERM": term, "PYTHONUTF8": "1"},
    )
    os.close(program)
    read = b""
    try:
        while part := os.read(screen, 1 << 16):
            read += part
    except OSError:  # Linux says so at the end
        pass
    process.wait()
    os.close(screen)
    text = re.sub(r"\x1b\[[0-9;]*m", "", read.decode("utf-8").replace("\r\n", "\n"))
    return text.split("\x01")[1:]
