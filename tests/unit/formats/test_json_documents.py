"""A file of JSON is cut into its documents, wherever the blocks that are read happen to end."""

import json
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from throughline.formats.faults import UnreadableFile
from throughline.formats.json_documents import json_documents, parse_json
from throughline.formats.limits import DEFAULT_LIMITS, Limits

texts = st.text('ab1"\\{}[],: \n\u00e9\U0001f600', max_size=6)
inner = (
    texts
    | st.none()
    | st.booleans()
    | st.lists(texts, max_size=2)
    | st.dictionaries(texts, texts, max_size=2)
)
documents = st.lists(st.dictionaries(texts, inner | st.lists(inner, max_size=2), max_size=3), max_size=4)


class InSmallReads(BytesIO):
    """Gives a few bytes at a time, as a pipe may."""

    def __init__(self, content: bytes, most: int) -> None:
        super().__init__(content)
        self._most = most

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(size or self._most, self._most))


def read(content: bytes, *, most: int = 1_000_000, limits: Limits = DEFAULT_LIMITS) -> list[Any]:
    found = json_documents(InSmallReads(content, most), "file.json", limits)
    return [parse_json(document) for document in found]


@given(documents, st.integers(3, 20), st.sampled_from([None, 1]))
def test_a_list_and_lines_give_the_same_documents(written: list[Any], most: int, indent: int | None) -> None:
    lines = "\n".join(json.dumps(document, indent=indent, ensure_ascii=False) for document in written)
    assert read(json.dumps(written, indent=indent).encode(), most=most) == written
    assert read(lines.encode(), most=most) == written


def test_each_document_knows_its_line() -> None:
    content = b'\xef\xbb\xbf[\n {"a": 1},\n\n {"b":\n 2}, {"c": 3}\n]\n{"d": 4}'
    found = json_documents(BytesIO(content), "file.json", DEFAULT_LIMITS)
    assert [document.line for document in found] == [2, 4, 5, 7]


def test_numbers_keep_their_digits() -> None:
    assert read(b'{"a": 1.10, "b": 123456789012345678901234567890}') == [
        {"a": "1.10", "b": "123456789012345678901234567890"}
    ]


def test_a_surrogate_pair_is_one_character() -> None:
    assert read(b'{"a": "\\ud83d\\ude00"}') == [{"a": "😀"}]


class Endless(BytesIO):
    """A file without end that counts how much of it was read."""

    taken = 0

    def read(self, size: int | None = -1) -> bytes:
        begin = super().read(size)
        self.taken += size or 0
        return begin + b"x" * ((size or 0) - len(begin))


@pytest.mark.parametrize("begin", [b"", b'{"a": "', b"{", b'{"a": "\\'])
def test_an_endless_line_is_refused_after_the_largest_document(begin: bytes) -> None:
    file = Endless(begin)
    with pytest.raises(UnreadableFile):
        list(json_documents(file, "file.json", DEFAULT_LIMITS))
    assert file.taken < 1.1 * DEFAULT_LIMITS.json_record
