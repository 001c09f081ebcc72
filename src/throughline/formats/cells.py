"""Takes texts out of the cells of a row, as a mapping's sources say."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from throughline.formats.rules import Source

Cells = Sequence[str]
Text = Callable[[Cells], str]
T = TypeVar("T")

_LONGEST_REMEMBERED = 500


class TextCompiler:
    """Compiles sources for one header into functions of a row's cells; absent values are read as empty texts."""

    def __init__(self, header: Sequence[str], null_tokens: frozenset[str]) -> None:
        self._positions = {name: position for position, name in enumerate(header)}
        self._null_tokens = null_tokens

    def __call__(self, source: Source) -> Text:
        return _first([self._joined(names, source) for names in source.alternatives])

    def value(
        self, source: Source, read: Callable[[str], T], *, remember: int = 2000
    ) -> Callable[[Cells], T]:
        """`read` of a source's text. Answers for equal cells are remembered, as the cells of most columns repeat."""
        columns = list(source.columns)
        if len(columns) != 1:
            text, answers = self(source), _Answers(read, remember)
            return lambda cells: answers[text(cells)]
        cleaned = _cleaner(self._null_tokens | source.empty)
        position, known = self._positions[columns[0]], _Answers(lambda cell: read(cleaned(cell)), remember)
        return lambda cells: known[cells[position]]

    def _joined(self, names: Sequence[str], source: Source) -> Text:
        readers = [self._cell(name, source) for name in names]
        if len(readers) == 1:
            return readers[0]
        separator = source.separator

        def read(cells: Cells) -> str:
            return separator.join(filter(None, (reader(cells) for reader in readers)))

        return read

    def _cell(self, name: str, source: Source) -> Text:
        position, cleaned = self._positions[name], _cleaner(self._null_tokens | source.empty)
        return lambda cells: cleaned(cells[position])


class _Answers(dict[str, T]):
    """What a function said of each text, for a number of texts that aren't long. Faults aren't kept."""

    def __init__(self, ask: Callable[[str], T], most: int) -> None:
        super().__init__()
        self._ask = ask
        self._most = most

    def __missing__(self, text: str) -> T:
        answer = self._ask(text)
        if len(text) > _LONGEST_REMEMBERED:
            return answer
        if len(self) >= self._most:
            self.clear()
        self[text] = answer
        return answer


def label(source: Source) -> str:
    """The columns of a source, for messages."""
    return ", ".join(source.columns)


def cells_by_position(cells: Cells) -> Mapping[str, str]:
    """A row that doesn't fit its header: names by which no mapping can mistake a cell for another."""
    return {f"(cell {position})": cell for position, cell in enumerate(cells, start=1)}


def _first(readers: list[Text]) -> Text:
    if len(readers) == 1:
        return readers[0]

    def read(cells: Cells) -> str:
        return next((text for reader in readers if (text := reader(cells))), "")

    return read


def _cleaner(empty: frozenset[str]) -> Callable[[str], str]:
    def cleaned(cell: str) -> str:
        text = cell.strip()
        return "" if text in empty else text

    return cleaned
