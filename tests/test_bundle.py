"""A NamedTuple of options in a command is read as the options in it, and handed over filled."""

from __future__ import annotations

import pytest
import typer

from cnncalc.cli import front, known
from cnncalc.cli.bundle import call, parameters
from cnncalc.cli.by_typer import signed
from cnncalc.cli.command_line import COMMANDS
from cnncalc.cli.counting import USUAL, Counting
from cnncalc.cli.options import AS_WRITTEN, Format, Loading


def test_a_bundle_is_read_as_its_options() -> None:
    found: list[object] = []

    def run(format: Format = "table", loading: Loading = AS_WRITTEN, counts: Counting = USUAL) -> int:
        """Help."""
        found.extend([format, loading, counts])
        return 0

    app = typer.Typer()
    app.command()(signed(run, parameters(run)))
    made = typer.main.get_command(app)
    assert [param.name for param in made.params][:4] == ["format", "set_", "set_file", "input_"]
    made.main(["--set", "a=1", "-i", "3x8x8", "--tp", "2"], standalone_mode=False)
    assert found == ["table", Loading(["a=1"], None, ["3x8x8"]), Counting(tp=2)]
    found.clear()
    call(run, parameters(run), front.read(parameters(run), ["--set", "a=1", "-i", "3x8x8", "--tp", "2"]) or {})
    assert found == ["table", Loading(["a=1"], None, ["3x8x8"]), Counting(tp=2)]


@pytest.mark.parametrize("bundle", [Loading, Counting])
def test_a_command_has_all_of_a_bundle_or_little(bundle: type[tuple[object, ...]]) -> None:
    """`compare` has two networks and no file of settings for them; others that load or count do it in every way."""
    fields = set(bundle._fields)  # type: ignore[attr-defined]
    some = {}
    for name in COMMANDS:
        mine = fields & {param.name for param in known.taken(name)}
        if len(mine) > len(fields) // 2 and mine != fields:
            some[name] = fields - mine
    assert some == ({"compare": {"set_file"}} if bundle is Loading else {})
