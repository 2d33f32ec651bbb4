"""Hooks, the action and its annotations: what checks networks where code lives."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from cnncalc.cli.app import main
from cnncalc.core.problem import Problem, Source, Span
from cnncalc.render.annotation import commands

ROOT = Path(__file__).resolve().parent.parent
RIGHT = "input: [3, 8, 8]\nlayers:\n- Conv2d(3, 4, 3)\n"
WRONG = "input: [3, 8, 8]\nlayers:\n- Conv2d(4, 4, 3)\n"


def saved(folder: Path, **texts: str) -> list[str]:
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return [str(folder / f"{name}.yaml") for name in texts]


def test_quiet_says_nothing_of_what_is_right(tmp_path: Path, capsys: Any) -> None:
    assert main(["shapes", "--quiet", *saved(tmp_path, a=RIGHT, b=RIGHT)]) == 0
    assert capsys.readouterr() == ("", "")


def test_quiet_reads_every_network(tmp_path: Path, capsys: Any) -> None:
    assert main(["shapes", "--quiet", *saved(tmp_path, a=WRONG, b=RIGHT, c=WRONG)]) == 2
    out, err = capsys.readouterr()
    assert out == "" and "a.yaml:3" in err and "c.yaml:3" in err and "b.yaml" not in err


def test_annotations_name_the_place(tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    (net,) = saved(tmp_path, a=WRONG)
    monkeypatch.setenv("CNNCALC_ANNOTATIONS", "github")
    assert main(["shapes", "-q", net]) == 2
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("::")]
    assert line.startswith(f"::error file={net},line=3,col=10,endColumn=11,")


def test_what_is_expected_and_not_so_is_annotated(tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    """At the line of `expect`, with the reason; without the right value where the key is hidden."""
    expected = "- c: Conv2d(3, 4, 3)\n  expect: {params: 108}\nexpect:\n  c.shape: [4, 6, 6]\n  total.params: 100\n"
    (net,) = saved(tmp_path, a=RIGHT.replace("- Conv2d(3, 4, 3)\n", expected))
    assert main(["check", net]) == 1
    assert "::" not in capsys.readouterr().err
    monkeypatch.setenv("CNNCALC_ANNOTATIONS", "github")
    assert main(["check", net]) == 1
    total, params = [line for line in capsys.readouterr().err.splitlines() if line.startswith("::")]
    where = "title=not-as-expected::"
    assert total == f"::error file={net},line=7,col=3,endColumn=15,{where}total.params is 112, not 100"
    said = "c.params is 112, not 108%0Abias forgotten"
    assert params.startswith(f"::error file={net},line=4,col=12,endColumn=18,{where}{said}")
    assert main(["check", net, "--hide-key"]) == 1
    assert "112" not in capsys.readouterr().err


def test_signs_that_end_a_command_are_written_out() -> None:
    """As GitHub's own toolkit does it: %, line ends; in properties also : and ,."""
    problem = Problem("x", "50 %\nhelp", source=Source("a,b:c.yaml", ""), span=Span(2, 3, 4), severity="note")
    told = "::notice file=a%2Cb%3Ac.yaml,line=2,col=3,endColumn=7,title=x::50 %25%0Ahelp\n"
    assert commands([problem]) == told


def test_the_hooks_run(tmp_path: Path) -> None:
    """Each hook's entry as pre-commit starts it: the words of the entry and the names of files."""
    import shlex

    right, wrong = saved(tmp_path, a=RIGHT + "expect: {total.params: 112}\n", b=RIGHT + "expect: {total.params: 1}\n")
    (broken,) = saved(tmp_path, c=WRONG)
    hooks = {one["id"]: one for one in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

    def status(hook: str, *files: str) -> int:
        words = [*shlex.split(hooks[hook]["entry"]), *files]
        return subprocess.run(words, capture_output=True, env={**os.environ, "PATH": path}).returncode

    assert status("cnncalc-shapes", right, wrong) == 0
    assert status("cnncalc-shapes", right, broken) == 2
    assert status("cnncalc-check", right, right) == 0
    assert status("cnncalc-check", wrong, right) == 1


def test_the_action_is_composite() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    assert action["runs"]["using"] == "composite"
    assert all(step.get("shell") == "bash" for step in action["runs"]["steps"] if "run" in step)


def test_the_action_says_a_mistake_once(tmp_path: Path) -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    (tmp_path / "net.yaml").write_text("input: [3, 8, 8]\nlayers:\n- Conv2d(4, 2, 3)\n", encoding="utf-8")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    given = {"PATH": path, "CNNCALC_ANNOTATIONS": "github", "NETWORKS": "*.yaml", "CHECK": "true"}
    words = ["bash", "-e", "-c", action["runs"]["steps"][-1]["run"]]
    done = subprocess.run(words, cwd=tmp_path, env={**os.environ, **given}, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and (done.stdout + done.stderr).count("::error file=net.yaml,line=3") == 1
