"""The lists that linkage programs are compared on: FEBRL (Christen 2008) and Splink's thousand invented people."""

import csv
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from linked import ABSENT, SHARED, f1, true_pairs

from throughline.cli.commands import throughline

pytestmark = [
    pytest.mark.skipif(not SHARED.exists(), reason=ABSENT),
    pytest.mark.slow,
]


def found_and_true(source: Path, out: Path, id_: str, person: str) -> tuple[set, set]:
    """The pairs that `throughline link` writes, and those whose records are of one person, both by rows."""
    with source.open(newline="") as file:
        header, *rows = [[cell.strip() for cell in row] for row in csv.reader(file)]
    result = CliRunner().invoke(throughline, ["link", str(source), "--out", str(out)])
    assert result.exit_code == 0, result.output
    rank = {row[header.index(id_)]: number for number, row in enumerate(rows)}
    persons = [re.sub(r"-(org|dup-\d+)$", "", row[header.index(person)]) for row in rows]
    with out.open(newline="") as file:
        found = {tuple(sorted((rank[a], rank[b]))) for a, b, _ in list(csv.reader(file))[1:]}
    return found, true_pairs(persons)


@pytest.mark.parametrize("name", ["dataset1", "dataset2", "dataset3"])
def test_febrl(name, tmp_path):
    found, true = found_and_true(SHARED / f"{name}.csv", tmp_path / "pairs.csv", "rec_id", "rec_id")
    assert f1(found, true) >= 0.99


def test_a_thousand_invented_people_with_a_fifth_of_the_values_missing(tmp_path):
    found, true = found_and_true(SHARED / "fake_1000.csv", tmp_path / "pairs.csv", "unique_id", "cluster")
    assert f1(found, true) >= 0.97
