"""Reads a Parquet table batch by batch as text, after making sure that unpacking it is harmless."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow.parquet import ParquetFile

from throughline.formats.csv_table import Row
from throughline.formats.faults import UnreadableFile
from throughline.formats.limits import MEBIBYTE, Limits
from throughline.formats.rules import Layout

_BATCH = 1000
_EXPECTED = "a Parquet file with one plain value per row and column"


def parquet_rows(path: Path, layout: Layout, limits: Limits) -> Iterator[Row]:
    """The header, then every record, numbered from 1: a Parquet file has no header row that would count.

    Times come out as ISO 8601, numbers as short as they can be written. Raises UnreadableFile for nested columns
    and for files that unpack to more than the limits allow, before the first record where the file says so.
    """
    try:
        yield from _rows(path, layout, limits)
    except UnreadableFile:
        raise
    except Exception as fault:  # pyarrow raises whatever its parsers met, names that are no text included
        raise UnreadableFile(path.name, f"the Parquet file can't be read ({fault})", _EXPECTED) from fault


def _rows(path: Path, layout: Layout, limits: Limits) -> Iterator[Row]:
    with ParquetFile(path, pre_buffer=False) as file:
        _check_columns(path, file.schema_arrow)
        _check_size(path, file.metadata, limits)
        names = file.schema_arrow.names
    # Texts stay in their dictionaries, so that one long text under many rows is measured before it is repeated.
    texts = [field.name for field in file.schema_arrow if pa.types.is_string(field.type)]
    with ParquetFile(path, pre_buffer=False, read_dictionary=texts) as file:
        yield layout.header_row, names
        numbers = count(1)
        for batch in file.iter_batches(_BATCH, use_threads=False):
            columns = [
                _texts(path, name, column, limits) for name, column in zip(names, batch.columns, strict=True)
            ]
            for cells in zip(*columns, strict=True):
                yield next(numbers), list(cells)


def _check_columns(path: Path, schema: Any) -> None:
    if not schema.names:
        raise UnreadableFile(path.name, "the Parquet file has no columns", _EXPECTED)
    if nested := [field.name for field in schema if pa.types.is_nested(field.type)]:
        found = f"the columns {', '.join(nested)} hold lists or records"
        raise UnreadableFile(path.name, found, "columns with one plain value per row")


def _check_size(path: Path, metadata: Any, limits: Limits) -> None:
    """By what the file declares, and by its number of cells: as CSV, each would take at least one byte."""
    unpacked = sum(metadata.row_group(group).total_byte_size for group in range(metadata.num_row_groups))
    if max(unpacked, metadata.num_rows * metadata.num_columns) > limits.file:
        found = f"the table unpacks to more than {limits.file / MEBIBYTE:,.0f} MB"
        raise UnreadableFile(path.name, found, "a smaller table; send it in parts")


def _texts(path: Path, name: str, column: Any, limits: Limits) -> list[str]:
    """A batch of one column; empty where there is no value."""
    values = column.dictionary if pa.types.is_dictionary(column.type) else column.cast(pa.string())
    if (pc.max(pc.binary_length(values.cast(pa.string()))).as_py() or 0) > limits.line:
        found = f"the column {name} holds a text of more than {limits.line / MEBIBYTE:g} MB"
        raise UnreadableFile(path.name, found, "shorter texts")
    return ["" if text is None else text for text in column.cast(pa.string()).to_pylist()]
