"""Two agencies link their lists without showing them: a key, encodings, pairs, and what is refused on the way."""

import csv
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from linked import two_registers, write

from throughline.cli.commands import throughline

SOON = datetime.now(UTC).date() + timedelta(days=2)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(throughline, [*map(str, arguments)])


def refused(result: Result) -> str:
    assert (result.exit_code, type(result.exception)) == (2, SystemExit), result.output
    return result.output


def made_key(path: Path, agreement: str = "MOU-7", expires_on: date = SOON) -> Path:
    result = run("make-linkage-key", "--agreement", agreement, "--expires-on", expires_on, "--out", path)
    assert result.exit_code == 0, result.output
    return path


def encoded(file: Path, key: Path) -> Path:
    out = file.with_suffix(f".{key.name}.encodings")
    result = run("encode", file, "--key-file", key, "--out", out, "--ids", file.with_suffix(".ids"))
    assert result.exit_code == 0, result.output
    return out


def ids(path: Path) -> dict[str, str]:
    with path.open(newline="") as file:
        return dict(list(csv.reader(file))[1:])


@pytest.fixture(scope="module")
def lists(tmp_path_factory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("lists")
    a, b = two_registers(people=400, shared=200, seed=12)
    return write(folder / "a.csv", a), write(folder / "b.csv", b)


@pytest.fixture
def key(tmp_path) -> Path:
    return made_key(tmp_path / "key")


def test_two_agencies_find_whom_they_share(lists, key, tmp_path):
    a, b = lists
    result = run("link-encodings", encoded(a, key), encoded(b, key), "--out", tmp_path / "pairs.csv")

    assert result.exit_code == 0, result.output
    mine, theirs = ids(a.with_suffix(".ids")), ids(b.with_suffix(".ids"))
    with (tmp_path / "pairs.csv").open(newline="") as file:
        header, *pairs = csv.reader(file)
    assert header == ["id_a", "id_b", "similarity"]
    right = [mine[one] == theirs[other] and int(mine[one]) < 200 for one, other, _ in pairs]
    assert sum(right) > 170
    assert right.count(False) < 5


def test_what_is_sent_holds_no_name_no_id_and_not_the_order(lists, key):
    sent = encoded(lists[0], key).read_text()
    head, *records = sent.splitlines()
    assert set(json.loads(head)) == {"format", "agreement", "expires_on", "key_check", "fields"}
    assert {len(record) for record in records} == {224}
    assert set("".join(records)) <= set("0123456789abcdef")
    assert json.loads(key.read_text())["secret"] not in sent
    order = list(ids(lists[0].with_suffix(".ids")).values())
    assert order != sorted(order, key=int)


def test_a_key_is_for_its_owner_only_and_never_written_over(key):
    assert key.stat().st_mode & 0o077 == 0
    again = run("make-linkage-key", "--agreement", "MOU-8", "--expires-on", SOON, "--out", key)
    assert "is there already" in refused(again)


def test_encodings_under_two_agreements_are_not_compared(lists, key, tmp_path):
    other = made_key(tmp_path / "other", agreement="MOU-8")
    result = run(
        "link-encodings", encoded(lists[0], key), encoded(lists[1], other), "--out", tmp_path / "p.csv"
    )
    assert "agreement 'MOU-8'. Expected 'MOU-7'" in refused(result)


def test_encodings_under_two_keys_of_one_agreement_are_not_compared(lists, key, tmp_path):
    other = made_key(tmp_path / "other")
    result = run(
        "link-encodings", encoded(lists[0], key), encoded(lists[1], other), "--out", tmp_path / "p.csv"
    )
    assert "key (by its check)" in refused(result)


def test_expired_encodings_are_not_linked(lists, key, tmp_path):
    old = encoded(lists[0], key)
    old.write_text(old.read_text().replace(str(SOON), "2020-01-01"))
    result = run("link-encodings", old, encoded(lists[1], key), "--out", tmp_path / "pairs.csv")
    assert "expired on 2020-01-01" in refused(result)
    assert not (tmp_path / "pairs.csv").exists()


def test_nothing_is_encoded_under_an_expired_key(lists, tmp_path):
    key = made_key(tmp_path / "key", expires_on=date(2020, 1, 1))
    result = run("encode", lists[0], "--key-file", key, "--out", tmp_path / "e", "--ids", tmp_path / "i")
    assert "expired on 2020-01-01" in refused(result)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("secret", "Expected a key file"),
        ('{"agreement": "MOU-7"}', "Expected agreement, expires_on"),
        (
            '{"agreement": "MOU-7", "expires_on": "2999-01-01", "secret": "abcd"}',
            "a secret of 2 bytes. Expected 32",
        ),
    ],
)
def test_what_is_no_key_is_refused(lists, tmp_path, text, said):
    (tmp_path / "key").write_text(text)
    result = run(
        "encode", lists[0], "--key-file", tmp_path / "key", "--out", tmp_path / "e", "--ids", tmp_path / "i"
    )
    assert said in refused(result)


def test_names_alone_are_not_encoded(key, tmp_path):
    (tmp_path / "a.csv").write_text("given_name,surname\nAnn,Lee\n")
    result = run(
        "encode", tmp_path / "a.csv", "--key-file", key, "--out", tmp_path / "e", "--ids", tmp_path / "i"
    )
    assert "too few columns" in refused(result)


def test_lists_with_other_fields_are_not_compared(lists, key, tmp_path):
    (tmp_path / "b.csv").write_text("name,dob\nAnn Lee,1980-01-02\n")
    result = run(
        "link-encodings",
        encoded(lists[0], key),
        encoded(tmp_path / "b.csv", key),
        "--out",
        tmp_path / "pairs.csv",
    )
    assert "fields 'date_of_birth_1, name_1'" in refused(result)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda lines: [], "Expected encodings"),
        (lambda lines: lines[1:], "Expected encodings"),
        (lambda lines: ["{}", *lines[1:]], "line 1: Expected agreement"),
        (lambda lines: [*lines[:2], lines[2][:-1]], "line 3"),
        (lambda lines: [lines[0], f"{lines[1][:2]}  {lines[1][4:]}"], "Expected 224 hexadecimal digits"),
        (lambda lines: lines[:1], "one record or more"),
        (
            lambda lines: [lines[0].replace("encodings 1", "encodings 2"), *lines[1:]],
            "Expected 'throughline enc",
        ),
        (lambda lines: [lines[0], "g" * 224], "Expected 224 hexadecimal digits"),
    ],
)
def test_a_damaged_file_is_named_with_its_line(lists, key, tmp_path, change, said):
    sent = encoded(lists[0], key)
    (tmp_path / "damaged").write_text("\n".join(change(sent.read_text().splitlines())))
    assert said in refused(run("link-encodings", tmp_path / "damaged", sent, "--out", tmp_path / "pairs.csv"))
