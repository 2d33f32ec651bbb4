"""The top level of a Python file: every statement is followed, and one that cannot be leaves its names unknown."""

from __future__ import annotations

import ast
import re
from typing import TypeGuard

from cnncalc.read.python.bases import InterpreterBase
from cnncalc.read.python.files.changes import changed
from cnncalc.read.python.interpreter.leave import Loop, Return
from cnncalc.read.python.interpreter.syntax import bound_names
from cnncalc.read.python.values import Exhausted, File, Refused, Unknown

GUARD = 200_000  # steps for what stands under `if __name__ == "__main__":`


def follow(interpreter: InterpreterBase, file: File) -> None:
    """Follow a file's top level."""
    for statement in file.tree.body:
        if _is_guard(statement):
            continue
        _one(interpreter, statement, file)
    file.done = True


def follow_guard(interpreter: InterpreterBase, file: File) -> None:
    """Follow what only a main program does: it may say what a model is given."""
    limit = interpreter.limit
    interpreter.limit = min(limit, interpreter.steps + GUARD)
    try:
        for statement in file.tree.body:
            if _is_guard(statement):
                for inner in statement.body:
                    _one(interpreter, inner, file)
    except Exhausted:
        pass
    finally:
        interpreter.limit = limit


def _one(interpreter: InterpreterBase, statement: ast.stmt, file: File) -> None:
    packages = interpreter.packages  # a function that imports the file may be running
    frames, depth, building = len(interpreter.frames), interpreter.depth, packages.building
    try:
        interpreter.statement(statement, file.scope)
    except Exhausted:
        raise
    except Refused as refused:
        if refused.undefined and isinstance(statement, (ast.ClassDef, ast.FunctionDef)):
            raise  # Python stops here as well; other statements may be a cell below the one that defines the name
        if isinstance(statement, ast.Assert) and refused.code == "python-raises" and not _of_a_machine(statement):
            raise
        maker = any(isinstance(part, ast.Call) for part in ast.walk(statement))
        for name in bound_names(statement):
            file.scope.names[name] = Unknown(refused.message, refused.node or statement, file, module=maker)
        for module in changed(statement, file):
            module.hidden.append(Unknown(refused.message, refused.node or statement, file, module=True))
    except (Return, Loop):
        pass
    finally:
        del interpreter.frames[frames:]
        interpreter.depth, packages.building = depth, building


def _of_a_machine(statement: ast.Assert) -> bool:
    """Whether an assertion may be about the machine that the file was written for."""
    return re.search(r"cuda|avail|version|environ|platform|path|device", ast.unparse(statement.test)) is not None


def _is_guard(statement: ast.stmt) -> TypeGuard[ast.If]:
    return (
        isinstance(statement, ast.If)
        and isinstance(statement.test, ast.Compare)
        and isinstance(statement.test.left, ast.Name)
        and statement.test.left.id == "__name__"
    )
