"""The bundle of CodeMirror is the one that `editors/codemirror` describes. Only making it needs npm."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MADE = ROOT / "editors" / "codemirror"
VENDOR = ROOT / "cnncalc" / "web" / "vendor"


def test_the_bundle_is_what_was_made() -> None:
    noted = json.loads((MADE / "bundle.json").read_text("utf-8"))
    script = (VENDOR / "codemirror.js").read_text("utf-8")
    again = "npm ci && npm run build in editors/codemirror"
    assert hashlib.sha256(script.encode()).hexdigest() == noted["sha256"], again
    locked = json.loads((MADE / "package-lock.json").read_text("utf-8"))["packages"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in noted["packages"]} == noted["packages"], again
    assert all("sha512-" in one["integrity"] for name, one in locked.items() if name), "every package is pinned"
    asked = json.loads((MADE / "package.json").read_text("utf-8"))["devDependencies"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in asked} == asked, "no ranges"
    head = script.partition("\n")[0]
    licences = (VENDOR / "codemirror.LICENSE.txt").read_text("utf-8")
    for name, version in noted["packages"].items():
        assert f"{name} {version}" in head and f"{name} {version}\n\n" in licences
    assert licences.count("Permission is hereby granted, free of charge") == len(noted["packages"])


def test_what_others_wrote_stands_apart() -> None:
    """`vendor/` is not counted as our code, so that nothing of ours may stand there."""
    assert sorted(path.name for path in VENDOR.iterdir()) == ["codemirror.LICENSE.txt", "codemirror.js"]
    assert len((VENDOR / "codemirror.js").read_bytes()) < 400_000
