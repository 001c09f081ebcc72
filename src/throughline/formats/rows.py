"""Turns one row of a table into an event, or sets it aside whole with the first reason found."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from operator import itemgetter

from throughline.formats.cells import Cells, Text, TextCompiler, cells_by_position, label
from throughline.formats.event import OVERDOSE, UNKNOWN, Event, age_group_of
from throughline.formats.faults import Reason, Rejected, ValueFault, shown
from throughline.formats.gazetteer import Gazetteer
from throughline.formats.instants import Instant, instant_reader
from throughline.formats.locating import place_finder
from throughline.formats.mapping import CODED_FIELDS
from throughline.formats.rules import CodeRule, InstantRule, Source
from throughline.formats.rules import Mapping as FeedMapping
from throughline.formats.values import (
    age_reader,
    code_reader,
    element_reader,
    quantity_reader,
    substance_reader,
    visible,
)

_UNMAPPED = CodeRule(source=None, constant=UNKNOWN, codes={}, otherwise="unknown")
_OVERDOSES = CodeRule(source=None, constant=OVERDOSE, codes={}, otherwise="unknown")


class RowReader:
    """A mapping compiled for one header. Call it with each row's number and cells, in the file's order.

    `header` must hold every column of the mapping. In a table that may come from a `spreadsheet`, a cell that
    begins with an equals sign is a formula; in a standard's record it is a text.
    """

    def __init__(
        self,
        mapping: FeedMapping,
        header: Sequence[str],
        gazetteer: Gazetteer,
        received_at: datetime,
        *,
        spreadsheet: bool = True,
    ) -> None:
        text = TextCompiler(header, mapping.layout.null_tokens)
        self._header = list(header)
        calculated = set(mapping.columns) if spreadsheet else set[str]()
        self._calculated = [position for position, name in enumerate(header) if name in calculated]
        self._record_id = _record_id_reader(mapping.record_id, header, mapping.layout.null_tokens)
        self._occurred = _occurred_reader(mapping.occurred_at, text, received_at)
        self._place = place_finder(mapping.place, text, gazetteer)
        self._words = [code_reader(mapping.words.get(name, _UNMAPPED), text) for name in CODED_FIELDS]
        self._age = age_reader(mapping.age, text) if mapping.age else _nothing
        self._substances = substance_reader(mapping.substance_flags, mapping.substance_texts, text)
        self._cause = text(mapping.cause) if mapping.cause else _empty
        codes = element_reader(mapping.codes, text, clean=visible)
        self._elements = codes, element_reader(mapping.texts, text)
        self._measure = code_reader(mapping.count.measure if mapping.count else _OVERDOSES, text)
        self._quantity = quantity_reader(mapping.count.quantity if mapping.count else None, text)
        self._deleted = code_reader(mapping.deleted or _UNMAPPED, text)

    def __call__(self, row: int, cells: Cells) -> Event | Rejected:
        try:
            self._check(cells)
            return self._event(row, cells)
        except ValueFault as fault:
            raw = _raw_row(self._header, cells)
            return Rejected(row, fault.field, shown(fault.value), fault.reason, fault.expected, raw)

    def _event(self, row: int, cells: Cells) -> Event:
        at, quality = self._occurred(cells)
        place, method, latitude, longitude = self._place(cells)
        outcome, manner, age_group, sex, race, ethnicity, naloxone = [read(cells) for read in self._words]
        age = self._age(cells)
        codes, texts = self._elements
        return Event(
            record_id=self._record_id(cells),
            occurred_at=at,
            time_quality=quality,
            place=place,
            place_method=method,
            latitude=latitude,
            longitude=longitude,
            outcome=outcome,
            manner=manner,
            age=age,
            age_group=_age_group(age_group, age),
            sex=sex,
            race=race,
            ethnicity=ethnicity,
            substances=self._substances(cells),
            naloxone=_FLAGS[naloxone],
            cause=self._cause(cells),
            measure=self._measure(cells),
            codes=codes(cells),
            texts=texts(cells),
            quantity=self._quantity(cells),
            deleted=self._deleted(cells) == "yes",
            row=row,
        )

    def _check(self, cells: Cells) -> None:
        """Faults of the row as a whole; the two searches in the joined text spare most rows a look at each cell."""
        if len(cells) != len(self._header):
            raise ValueFault("", f"{len(cells)} cells", Reason.CELL_COUNT, f"{len(self._header)} cells")
        joined = "".join(cells)
        if "\0" in joined:
            raise ValueFault("", joined, Reason.CONTROL_CHARACTER, "text")
        if "=" in joined:
            self._check_formulas(cells)
        if cells[0] == self._header[0] and [cell.strip() for cell in cells] == self._header:
            raise ValueFault("", ", ".join(cells), Reason.SECOND_HEADER, "data below the one header row")

    def _check_formulas(self, cells: Cells) -> None:
        """What a formula's result was when the file was saved can't be trusted, so only values count."""
        for position in self._calculated:
            if cells[position].lstrip().startswith("="):
                column = self._header[position]
                expected = f"a value instead of a formula in column {position + 1}"
                raise ValueFault(column, cells[position], Reason.FORMULA, expected)


_FLAGS = {"yes": True, "no": False, UNKNOWN: None}


def _raw_row(header: Sequence[str], cells: Cells) -> Mapping[str, str]:
    """The row as it came. Cells that don't fit the header are named by position, so that none is mistaken later."""
    return dict(zip(header, cells, strict=True)) if len(header) == len(cells) else cells_by_position(cells)


class ContentKeys:
    """Record ids for sources without a key of their own: a hash of the whole row, and "-n" for its n-th
    appearance.

    Delivering a file again gives the same keys, so nothing is counted twice; two truly identical rows of one
    file are both kept. What can't be told apart: a row of an earlier file, and a new event that reads exactly
    the same. The order of columns doesn't matter. Needs memory for one short hash per row.
    """

    def __init__(self, header: Sequence[str]) -> None:
        # The same position twice, so that itemgetter returns a tuple for tables of one column too.
        order = sorted(range(len(header)), key=header.__getitem__)
        self._in_order = itemgetter(order[0], *order)
        self._seen: Counter[bytes] = Counter()

    def __call__(self, cells: Cells) -> str:
        content = "\x1f".join(map(str.strip, self._in_order(cells)))
        digest = blake2b(content.encode(), digest_size=12).digest()
        self._seen[digest] += 1
        return f"{digest.hex()}-{self._seen[digest]}"


def _record_id_reader(source: Source | None, header: Sequence[str], null_tokens: frozenset[str]) -> Text:
    """A key of several columns keeps its empty parts in place: ("1", "") and ("", "1") are two records."""
    if source is None:
        return ContentKeys(header)
    field = label(source)
    text = TextCompiler(header, null_tokens)
    alternatives = [
        [text(Source(((name,),), empty=source.empty)) for name in names] for names in source.alternatives
    ]

    def read(cells: Cells) -> str:
        for parts in alternatives:
            texts = [part(cells) for part in parts]
            if any(texts):
                return source.separator.join(texts)
        raise ValueFault(field, "", Reason.MISSING, "the source's key of the record")

    return read


def _occurred_reader(
    rule: InstantRule, text: TextCompiler, received_at: datetime
) -> Callable[[Cells], Instant]:
    field = label(rule.source)
    instant = instant_reader(rule, field, received_at)

    def read(written: str) -> Instant:
        if not written:
            raise ValueFault(field, "", Reason.MISSING, "the date of the event")
        return instant(written)

    return text.value(rule.source, read, remember=50_000)


def _age_group(word: str, age: int | None) -> str:
    return word if word != UNKNOWN or age is None else age_group_of(age)


def _nothing(cells: Cells) -> None:
    return None


def _empty(cells: Cells) -> str:
    return ""
