"""The bar of a long execution: nothing for a short one, nothing left behind, no markup read."""

from __future__ import annotations

from cnncalc.render.progress import Progress


def test_a_short_run_shows_nothing(capsys):
    with Progress(patience=60) as bar:
        for at in range(5):
            bar.show(at, 5, "conv")
        assert bar._bar is None
    assert capsys.readouterr() == ("", "")


def test_a_long_run_shows_where_it_is(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    with Progress(patience=0) as bar:
        bar.show(3, 7, "[red]conv[/]\x1b[2J")
        bar._bar.refresh()
    out, err = capsys.readouterr()
    assert out == ""
    assert "3/7" in err and "[red]conv[/]\\x1b[2J" in err
    # The cursor is shown again and the line is erased.
    assert "\x1b[?25h" in err and err.endswith("\x1b[2K")


def test_the_bar_ends_with_an_error(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    try:
        with Progress(patience=0) as bar:
            bar.show(0, 7, "conv")
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass
    assert "\x1b[?25h" in capsys.readouterr().err
