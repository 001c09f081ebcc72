"""Tells what a file really is from its first bytes, whatever its name says."""

from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile, ZipFile

from throughline.formats.faults import UnreadableFile
from throughline.formats.limits import MEBIBYTE, Limits

_HEAD = 4096
_SIGNATURES = {
    b"%PDF": "a PDF document",
    b"MZ": "a Windows program",
    b"\x7fELF": "a Linux program",
    b"\x89PNG": "an image (PNG)",
    b"\xff\xd8\xff": "an image (JPEG)",
    b"GIF8": "an image (GIF)",
    b"II*\0": "an image (TIFF)",
    b"\x1f\x8b": "a compressed file (gzip)",
    b"7z\xbc\xaf": "a compressed file (7-Zip)",
    b"Rar!": "a compressed file (RAR)",
    b"\xd0\xcf\x11\xe0": "an old Excel or Word file (before 2007)",
    b"SQLite format 3": "a database (SQLite)",
    b"{\\rtf": "a Rich Text document",
}
_MARKUP = {b"<!doctype html": "a web page", b"<html": "a web page", b"<?xml": "an XML file"}
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_PARQUET = b"PAR1"
_KINDS = {"csv": "a CSV", "xlsx": "an Excel (.xlsx)", "parquet": "a Parquet"}


class Sniffed(NamedTuple):
    """`kind` is "csv", "xlsx", "parquet", or None for what no table can be read from; `found` names it to people."""

    kind: str | None
    found: str


def sniff(path: Path) -> Sniffed:
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(b"PK\x03\x04"):
        return _sniff_zip(path)
    if head.startswith(_PARQUET):
        return Sniffed("parquet", "a Parquet file")
    for signature, found in _SIGNATURES.items():
        if head.startswith(signature):
            return Sniffed(None, found)
    for signature, found in _MARKUP.items():
        if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(signature):
            return Sniffed(None, found)
    if not head.startswith(_UTF16_MARKS) and head.count(0) * 10 > len(head):
        return Sniffed(None, "a binary file")
    return Sniffed("csv", "a text file")


def check_table(path: Path, limits: Limits, *, kinds: tuple[str, ...] = ("csv", "xlsx")) -> str:
    """Which of `kinds` the file is; raises UnreadableFile for anything else, and for empty or too large files."""
    check_size(path, limits)
    kind, found = sniff(path)
    if kind is None or kind not in kinds:
        expected = " or ".join(_KINDS[kind] for kind in kinds)
        raise UnreadableFile(path.name, f"the file is {found}", f"{expected} file")
    return kind


def check_size(path: Path, limits: Limits) -> None:
    """Raises UnreadableFile for empty and too large files."""
    size = path.stat().st_size
    if size == 0:
        raise UnreadableFile(path.name, "the file is empty", "at least one record")
    if size > limits.file:
        found = f"the file has {size / MEBIBYTE:,.0f} MB"
        raise UnreadableFile(path.name, found, f"at most {limits.file / MEBIBYTE:,.0f} MB; send it in parts")


def _sniff_zip(path: Path) -> Sniffed:
    try:
        with ZipFile(path) as archive:
            names = set(archive.namelist())
    except (BadZipFile, OSError, ValueError):
        return Sniffed(None, "a damaged or incomplete Excel or ZIP file")
    if "xl/workbook.xml" in names:
        return Sniffed("xlsx", "an Excel workbook")
    return Sniffed(None, "a Word document" if "word/document.xml" in names else "a ZIP archive")
