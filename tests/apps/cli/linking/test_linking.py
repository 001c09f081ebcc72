"""`throughline link`: lists of people go in, pairs of ids come out; what is wrong with a list is said in one line."""

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from linked import one_register, two_registers, write

from throughline.cli.commands import throughline

PEOPLE = """\
rec_id, given_name, surname, dob
a-1, Ann, Lee, 1980-01-02
a-2, Bob, Ray, 1971-03-04
a-3, ANN, lee, 1980-01-02
"""


def run(*arguments: object) -> Result:
    return CliRunner().invoke(throughline, ["link", *map(str, arguments)])


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def rows(path: Path) -> list[list[str]]:
    with path.open(newline="") as file:
        return list(csv.reader(file))


def test_the_pairs_of_one_file(tmp_path):
    result = run(written(tmp_path / "a.csv", PEOPLE), "--out", tmp_path / "pairs.csv")

    assert result.exit_code == 0, result.output
    assert "1 pairs of 3 records." in result.output
    header, pair = rows(tmp_path / "pairs.csv")
    assert header == ["id_a", "id_b", "probability"]
    assert pair[:2] == ["a-1", "a-3"]
    assert 0.99 < float(pair[2]) <= 1


def test_records_without_ids_are_called_by_their_numbers(tmp_path):
    a = written(tmp_path / "a.csv", PEOPLE)
    b = written(
        tmp_path / "b.csv", "first_name,last_name,birthdate\nBob,Ray,1971-03-04\nEve,Fox,1960-05-06\n"
    )

    assert run(a, b, "--out", tmp_path / "pairs.csv").exit_code == 0
    assert [row[:2] for row in rows(tmp_path / "pairs.csv")[1:]] == [["a-2", "1"]]


def test_between_two_files_the_ids_of_either_are_told(tmp_path):
    a, b = two_registers(people=120, shared=60, seed=5)
    files = write(tmp_path / "a.csv", a), write(tmp_path / "b.csv", b)

    assert run(*files, "--out", tmp_path / "pairs.csv").exit_code == 0
    found = {(int(one), int(other)) for one, other, _ in rows(tmp_path / "pairs.csv")[1:]}
    assert len(found & {(row, row) for row in range(60)}) > 50


def test_fewer_pairs_are_written_where_more_is_asked(tmp_path):
    file = write(tmp_path / "a.csv", one_register(people=80, records=160, seed=6))
    run(file, "--out", tmp_path / "some.csv")
    run(file, "--out", tmp_path / "few.csv", "--least", 0.99)
    assert 1 < len(rows(tmp_path / "few.csv")) < len(rows(tmp_path / "some.csv"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no records"),
        ("id,name,dob\n", "no records"),
        ("ward,month\n1,jan\n", "too few columns that tell people apart"),
        ("given_name,surname\nAnn,Lee\n", "too few columns that tell people apart"),
        (
            PEOPLE + "a-1, Bo, Fox, 1990-01-01\n",
            "line 5: rec_id: 'a-1'. Expected an id of its own; line 2 has it",
        ),
        (PEOPLE + ", Bo, Fox, 1990-01-01\n", "line 5: rec_id: ''. Expected an id of its own."),
        (PEOPLE + "a-4, Bo\n", "line 5: 2 cells. Expected 4, as in the header."),
        ("name,name,dob\nAnn,Lee,1980-01-01\n", "Expected a name for each"),
        ('name,dob\n"Ann,1980-01-01\n', "Expected quotation marks in pairs"),
    ],
)
def test_a_list_that_cannot_be_read_is_named_with_what_was_expected(tmp_path, text, said):
    result = run(written(tmp_path / "a.csv", text), "--out", tmp_path / "pairs.csv")

    assert (result.exit_code, type(result.exception)) == (2, SystemExit)
    assert said in result.output
    assert not (tmp_path / "pairs.csv").exists()


def test_a_file_that_is_not_there(tmp_path):
    result = run(tmp_path / "none.csv", "--out", tmp_path / "pairs.csv")
    assert result.exit_code == 2
    assert "none.csv" in result.output


def test_three_files_are_too_many(tmp_path):
    file = written(tmp_path / "a.csv", PEOPLE)
    assert run(file, file, file, "--out", tmp_path / "pairs.csv").exit_code == 2


def test_pairs_cannot_be_written_into_a_folder_that_is_not_there(tmp_path):
    result = run(written(tmp_path / "a.csv", PEOPLE), "--out", tmp_path / "none" / "pairs.csv")
    assert result.exit_code == 2
