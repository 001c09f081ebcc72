"""Takes texts out of the cells of a row, as a mapping's sources say."""

from collections.abc import Callable, Mapping, Sequence

from throughline.formats.rules import Source

Cells = Sequence[str]
Text = Callable[[Cells], str]
TextCompiler = Callable[[Source], Text]


def text_compiler(header: Sequence[str], null_tokens: frozenset[str]) -> TextCompiler:
    """Make the function that compiles sources for one header; absent values are read as empty texts."""
    positions = {name: position for position, name in enumerate(header)}

    def compile_source(source: Source) -> Text:
        empty = null_tokens | source.empty
        return _first([_joined(names, positions, empty, source.separator) for names in source.alternatives])

    return compile_source


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


def _joined(
    names: Sequence[str], positions: Mapping[str, int], empty: frozenset[str], separator: str
) -> Text:
    readers = [_cell(positions[name], empty) for name in names]
    if len(readers) == 1:
        return readers[0]

    def read(cells: Cells) -> str:
        return separator.join(filter(None, (reader(cells) for reader in readers)))

    return read


def _cell(position: int, empty: frozenset[str]) -> Text:
    def read(cells: Cells) -> str:
        text = cells[position].strip()
        return "" if text in empty else text

    return read
