"""What mutation testing changes, and that a change comes to life in the module that is there."""

from __future__ import annotations

import ast
import gc
import sys
from types import ModuleType
from typing import Any

import pytest

from tests.fuzz.changes import mutants
from tests.fuzz.renew import execute_again, forget, inner_codes, live_functions, mark

TEXT = '''"""A text is not changed, nor is 1 in it."""
MOST: int = 3
known = {}


class Rule:
    least = 1

    def fits(self, x: "1 + 1", *, symbol=2):
        """Neither is this."""
        if not x:
            return False
        known[x] = True
        return self.least <= x and x < min(MOST, 9)


double = lambda x: x * 2
'''


def changed(number: int) -> tuple[str, Any]:
    """A module with one change put into it while it runs."""
    module = ModuleType("changed")
    exec(compile(TEXT, "changed.py", "exec"), vars(module))
    assert module.Rule().fits(2)
    tree = ast.parse(TEXT)
    mutant = mutants("changed.py", tree)[number]
    code = mutant.code(tree)
    forget(module, tree)
    assert module.known == {}
    if mutant.outer:
        execute_again(module, code)
    else:
        codes = {mark(inner): inner for inner in inner_codes(code)}
        for function in (module.Rule.fits, module.double):
            function.__code__ = codes[mark(function.__code__)]
    return mutant.said, module


def test_what_is_changed() -> None:
    found = mutants("changed.py", ast.parse(TEXT))
    assert [(mutant.line, mutant.outer, mutant.said) for mutant in found] == [
        (2, True, "3 -> 4"),
        (7, True, "1 -> 2"),
        (9, True, "2 -> 3"),
        (11, False, "Not dropped"),
        (12, False, "left out"),
        (12, False, "False -> True"),
        (13, False, "True -> False"),
        (14, False, "returns None"),
        (14, False, "And -> Or"),
        (14, False, "LtE -> Lt"),
        (14, False, "Lt -> LtE"),
        (14, False, "min -> max"),
        (14, False, "9 -> 10"),
        (17, False, "Mult -> FloorDiv"),
        (17, False, "2 -> 3"),
    ]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="code says the columns of its parts since Python 3.11")
def test_a_change_comes_to_life() -> None:
    for number, check in {
        0: lambda module: module.MOST == 4,
        1: lambda module: module.Rule.least == 2 and not module.Rule().fits(1),
        2: lambda module: module.Rule.fits.__kwdefaults__ == {"symbol": 3},
        3: lambda module: module.Rule().fits(2) is False,
        4: lambda module: module.Rule().fits(0) is False and 0 in module.known,
        7: lambda module: module.Rule().fits(2) is None,
        11: lambda module: module.Rule().fits(8),
        13: lambda module: module.double(3) == 1,
    }.items():
        said, module = changed(number)
        assert check(module), (number, said)


def test_functions_are_found_after_the_collector_has_frozen_them() -> None:
    gc.freeze()
    found = live_functions([__file__])
    gc.freeze()  # as it was, for the tests that follow
    assert found[__file__].count(test_what_is_changed) == 1
