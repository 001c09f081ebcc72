"""Feeds without a key of their own: the same file again gives the same keys, and true twins are both kept."""

from typing import Any

FILE = "when,cause\n2026-03-01,x\n2026-03-01,x\n2026-03-02,y\n"


def keys(rows: list[Any]) -> list[str]:
    return [row.record_id for row in rows]


def test_the_same_file_gives_the_same_keys_again(read: Any) -> None:
    assert keys(read(FILE, record_id=None)) == keys(read(FILE, record_id=None))


def test_identical_rows_are_counted_so_that_both_are_kept(read: Any) -> None:
    first, second, third = keys(read(FILE, record_id=None))
    assert first.removesuffix("-1") == second.removesuffix("-2")
    assert third.endswith("-1")
    assert len({first, second, third}) == 3


def test_the_order_of_rows_and_of_columns_does_not_matter(read: Any) -> None:
    exchanged = "cause,when\ny,2026-03-02\nx,2026-03-01\nx,2026-03-01\n"
    assert sorted(keys(read(exchanged, record_id=None))) == sorted(keys(read(FILE, record_id=None)))


def test_a_change_in_any_column_gives_another_key_even_if_it_is_not_mapped(read: Any) -> None:
    changed = FILE.replace("2026-03-02,y", "2026-03-02,z")
    assert keys(read(changed, record_id=None))[2] != keys(read(FILE, record_id=None))[2]


def test_a_table_of_one_column_works_too(read: Any) -> None:
    assert len(set(keys(read("when\n2026-03-01\n2026-03-02\n", record_id=None)))) == 2
