"""The specs that ship with the package: their names, and the file of each."""

from __future__ import annotations

import os

from cnncalc.core.problem import did_you_mean

SUFFIXES = (".yaml", ".yml")


def specs_folder() -> str:
    """The folder of the bundled specs: inside an installed package, beside the package in a checkout."""
    here = os.path.dirname(os.path.abspath(__file__))
    inside = os.path.join(here, "specs")
    return inside if os.path.isdir(inside) else os.path.join(os.path.dirname(here), "specs")


def bundled() -> list[str]:
    """The names of the bundled specs, in order."""
    try:
        files = os.listdir(specs_folder())
    except OSError:
        return []
    return sorted(os.path.splitext(name)[0] for name in files if name.endswith(SUFFIXES))


def nearest(name: str) -> str | None:
    """The bundled spec that was probably meant: the shortest that begins so (bert: bert_base), or a like word."""
    names = bundled()
    begin = _folded(name)
    longer = [known for known in names if len(begin) > 1 and _folded(known).startswith(begin)]
    return min(longer, key=len) if longer else did_you_mean(name, names)


def of_family(family: str) -> list[str]:
    """The bundled specs whose `model_type` is this one, those that build on such a spec left out."""
    found = []
    for name in bundled():
        with open(os.path.join(specs_folder(), name + ".yaml"), encoding="utf-8") as file:
            lines = file.read().splitlines()
        if any(line.strip().replace('"', "") == f"model_type: {family}" for line in lines):
            found.append(name)
    return found


def _folded(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def bundled_path(name: str) -> str | None:
    """The file of a bundled spec, by its name; case and underscores do not count."""
    folder = specs_folder()
    exact = os.path.join(folder, name + ".yaml")
    if os.sep not in name and os.path.isfile(exact):
        return exact
    folded = _folded(name)
    for known in bundled():
        if _folded(known) == folded:
            return os.path.join(folder, known + ".yaml")
    inner = os.path.join(folder, *name.split("/")) + ".yaml"
    if "/" in name and ".." not in name and os.path.isfile(inner):
        return inner
    return None
