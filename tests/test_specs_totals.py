"""What `cnncalc specs` shows without computing it is what the specs have."""

from __future__ import annotations

import shutil
from pathlib import Path

from cnncalc import bundled
from cnncalc.pages import specs
from tests.record_specs import lines


def test_the_kept_totals_are_those_of_the_specs() -> None:
    kept = (Path(bundled.specs_folder()) / bundled.TOTALS).read_text("utf-8").splitlines(keepends=True)
    assert kept == list(lines()), "run python -m tests.record_specs"


def test_a_spec_that_was_changed_is_computed(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    for name in ("lenet5.yaml", "alexnet.yaml", bundled.TOTALS):
        shutil.copy(Path(bundled.specs_folder()) / name, tmp_path)
    monkeypatch.setattr(bundled, "specs_folder", lambda: str(tmp_path))
    right = specs.rows()
    assert right[1][2] == 61_706  # LeNet-5
    lenet = tmp_path / "lenet5.yaml"
    lenet.write_text(lenet.read_text("utf-8").replace("out_features=84", "out_features=85"), "utf-8")
    changed = []
    computed = specs.computed
    monkeypatch.setattr(specs, "computed", lambda name: changed.append(name) or computed(name))
    rows = specs.rows()
    assert changed == ["lenet5"] and rows[0] == right[0]
    assert rows[1][2] == 61_706 + 121 + 10  # one more of 120 inputs and a bias, one more input of the last ten
    (tmp_path / bundled.TOTALS).write_text("nothing\n", "utf-8")
    assert specs.rows() == rows
