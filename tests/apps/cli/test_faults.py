"""What the command line says when something is amiss: one clear line, never a trace."""

import pytest
from click.testing import CliRunner, Result
from django.db import OperationalError
from factories import make_person

from throughline.cli.commands import throughline


def command(*arguments: str) -> Result:
    return CliRunner().invoke(throughline, arguments)


def test_an_installation_that_was_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(**_: object) -> None:
        raise OperationalError("no such table: ledger_head")

    monkeypatch.setattr("throughline.cli.ledger.verify_ledger", missing)
    result = command("verify")
    assert result.exit_code == 2
    assert "no such table: ledger_head. A new installation begins with `throughline init`." in result.output


@pytest.mark.django_db
def test_a_feed_that_nobody_set_up(tmp_path) -> None:
    (tmp_path / "x.csv").touch()
    result = command("receive", "ems", str(tmp_path / "x.csv"))
    assert result.exit_code == 2
    assert result.output == "Error: There is no feed 'ems'.\n"


@pytest.mark.django_db
def test_a_signal_that_was_never_raised() -> None:
    ada = make_person(email="ada@example.org")
    result = command("acknowledge", "12", "--by", ada.email)
    assert result.exit_code == 2
    assert result.output == "Error: There is no signal '12'.\n"


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "03/07/2026"])
def test_a_day_that_is_none(day: str) -> None:
    result = command("detect", "--on", day)
    assert result.exit_code == 2
    assert "is no day; expected a day such as 2026-03-07" in result.output
