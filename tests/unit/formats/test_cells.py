"""Answers for equal cells are remembered, within bounds, and never change what is answered."""

from hypothesis import given
from hypothesis import strategies as st

from throughline.formats.cells import TextCompiler
from throughline.formats.rules import Source

HEADER = ("a", "b")


@given(st.lists(st.tuples(st.text(max_size=3), st.text(max_size=3)), max_size=30), st.integers(1, 4))
def test_remembering_changes_no_answer(rows: list[tuple[str, str]], remember: int) -> None:
    compiler = TextCompiler(HEADER, frozenset({"", "NA"}))
    for source in (
        Source((("a",),)),
        Source((("a", "b"),)),
        Source((("b",), ("a",)), empty=frozenset({"0"})),
    ):
        text, reverse = compiler(source), compiler.value(source, lambda text: text[::-1], remember=remember)
        assert [reverse(row) for row in rows] == [text(row)[::-1] for row in rows]


def test_equal_cells_are_asked_about_once_and_long_ones_are_not_kept() -> None:
    asked: list[str] = []
    read = TextCompiler(HEADER, frozenset()).value(Source((("a",),)), asked.append)
    for _time in range(3):
        read((" x ", ""))
        read(("y" * 1000, ""))
    assert asked == ["x", *["y" * 1000] * 3]
