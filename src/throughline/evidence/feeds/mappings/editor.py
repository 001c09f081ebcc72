"""The form in which a person changes a mapping by choosing columns; what isn't changed stays as it is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from throughline.evidence.feeds.mappings.current import CONSTANT, KEEP, NONE, CurrentChoices
from throughline.evidence.feeds.mappings.forms import time_zones
from throughline.evidence.feeds.mappings.wording import Said, said
from throughline.formats.event import SUBSTANCES, VOCABULARIES
from throughline.formats.proposal import Finding
from throughline.formats.proposal.choosing import is_flag
from throughline.formats.proposal.columns import Column
from throughline.formats.proposal.sample import Sample
from throughline.formats.rules import fold

CODED = ("outcome", "manner", "sex", "naloxone", "measure")
MEASURES = {
    "naloxone_kits": _("All rows count naloxone kits"),
    "treatment_places": _("All rows count free treatment places"),
}
_MOST_CODES = 30

# Fields of the form that hold a column: their label.
COLUMNS = {
    "record_id": _("The source's own key of the record"),
    "date": _("Date"),
    "clock": _("Time of day, where it stands in a column of its own"),
    "fallback": _("Date to take where that one is empty"),
    "place_code": _("Code of the place"),
    "latitude": _("Latitude"),
    "longitude": _("Longitude"),
    "outcome": _("Outcome"),
    "manner": _("Manner of death"),
    "age": _("Age in years"),
    "age_group": _("Age group"),
    "sex": _("Sex"),
    "race": _("Race"),
    "ethnicity": _("Ethnicity"),
    "naloxone": _("Naloxone given"),
    "cause": _("Cause of death or narrative"),
    "cause_more": _("A second column of it"),
    "quantity": _("How many"),
    "measure": _("What is counted"),
}
# How the fields are grouped, and which settings of the mapping each group is about.
GROUPS = (
    (_("The record"), ("record_id",), ("record_id",)),
    (_("When"), ("date", "clock", "fallback", "order", "time_zone"), ("occurred_at",)),
    (_("Where"), ("place_code", "unknown_place", "latitude", "longitude"), ("place",)),
    (_("Outcome"), ("outcome", "manner", "naloxone"), ("outcome", "manner", "naloxone")),
    (
        _("Who"),
        ("age", "age_group", "sex", "race", "ethnicity"),
        ("age", "age_group", "sex", "race", "ethnicity"),
    ),
    (_("Free text"), ("cause", "cause_more"), ("cause", "substance_texts", "texts", "codes")),
    (_("If rows are counts, such as of naloxone kits"), ("quantity", "measure"), ("count",)),
)
NOTHING = {"date": _("Choose a column"), "quantity": _("One in each row"), "measure": _("Overdoses")}
UNKNOWN_PLACES = (
    ("quarantine", _("Set these rows aside")),
    ("unplaced", _("Accept these rows; they count in totals only")),
)
ORDERS = (
    (NONE, _("As the values tell")),
    ("month", _("Month first: 03/14/2026")),
    ("day", _("Day first: 14/03/2026")),
)


@dataclass(frozen=True)
class Codes:
    """The values of a chosen column, each to be given its meaning. `marker` says for which column they stand."""

    name: str
    label: Any
    column: str
    fields: list[forms.BoundField]

    @property
    def marker(self) -> str:
        return f"codes_of_{self.name}"


@dataclass(frozen=True)
class Choice:
    """A field, and below it the codes of its column; `has_codes` even where no column is chosen yet."""

    field: forms.BoundField
    codes: Codes | None

    @property
    def has_codes(self) -> bool:
        return self.field.name in CODED


@dataclass(frozen=True)
class Group:
    """Some fields under one heading, with what the proposal said of them."""

    title: Any
    choices: list[Choice]
    findings: list[Said]


class MappingEditor(forms.Form):
    """A form for one file's columns; its initial values are what the mapping says now."""

    def __init__(self, data: QueryDict | None, *, sample: Sample, definition: Mapping[str, Any]) -> None:
        self.sample = sample
        self.now = CurrentChoices(definition)
        super().__init__(data)
        for name, label in COLUMNS.items():
            self.fields[name] = self._column_field(name, label)
        self.fields["unknown_place"] = forms.ChoiceField(
            label=_("Where the place is not known"), choices=UNKNOWN_PLACES, initial=self.now.unknown_place
        )
        self.fields["order"] = forms.ChoiceField(
            label=_("Day and month"), choices=ORDERS, initial=self.now.order
        )
        self.fields["time_zone"] = forms.ChoiceField(
            label=_("Time zone of the clocks"),
            choices=time_zones(),
            initial=self.now.time_zone,
        )
        for name in CODED:
            self._add_code_fields(name)
        for position, column in enumerate(self.flag_columns):
            self.fields[f"flag_{position}"] = self._flag_field(column)
        if self.is_bound:  # a column chosen just now has codes that the browser didn't know of
            self.data = {name: field.initial for name, field in self.fields.items()} | self.data.dict()

    @property
    def flag_columns(self) -> list[Column]:
        mapped = self.now.flags
        return [column for column in self.sample.columns if column.name in mapped or is_flag(column)]

    def chosen(self, name: str) -> Column | None:
        """The column that a field names in what was sent, else in the mapping."""
        value = self.data.get(name) if self.is_bound else self.now.column(name)
        return self.sample.by_name.get(value or "")

    def shown_codes(self, name: str) -> list[str]:
        """The values whose meaning a person can choose, the commonest first."""
        column = self.chosen(name)
        codes = {fold(code): code for code, _times in reversed(column.counts.most_common())} if column else {}
        return list(reversed(codes.values()))[:_MOST_CODES]

    def code_field(self, name: str, code: str) -> str:
        """The name of a code's own field; it says the column too, so that no other column's code is taken for it."""
        column = self.chosen(name)
        position = self.sample.columns.index(column) if column else 0
        return f"{name}_code_{position}_{self.shown_codes(name).index(code)}"

    def stale_codes(self) -> list[tuple[str, "Codes | None"]]:
        """The fields whose codes in the browser are those of another column, with the codes that belong there."""
        shown = {name: self.data.get(f"codes_of_{name}", "") for name in CODED}
        right = {name: column.name if (column := self.chosen(name)) else "" for name in CODED}
        return [(name, self.codes(name)) for name in CODED if shown[name] != right[name]]

    def groups(self, findings: Sequence[Finding]) -> list[Group]:
        made = [
            Group(title, self._choices(names), list(_about(findings, settings)))
            for title, names, settings in GROUPS
        ]
        flags = [name for name in self.fields if name.startswith("flag_")]
        if flags:
            made.append(Group(_("Drugs"), self._choices(flags), list(_about(findings, ("substance_flags",)))))
        return made

    def _choices(self, names: Sequence[str]) -> list[Choice]:
        return [Choice(self[name], self.codes(name) if name in CODED else None) for name in names]

    def codes(self, name: str) -> Codes | None:
        column = self.chosen(name)
        fields = [self[self.code_field(name, code)] for code in self.shown_codes(name)]
        return Codes(name, COLUMNS[name], column.name, fields) if column and fields else None

    def _column_field(self, name: str, label: Any) -> forms.ChoiceField:
        current = self.now.column(name)
        nothing = ("" if name == "date" else NONE, NOTHING.get(name, _("None")))
        choices = [nothing, *((column.name, column.name) for column in self.sample.columns)]
        if name == "outcome":
            choices += [
                (f"{CONSTANT}fatal", _("All rows are fatal")),
                (f"{CONSTANT}nonfatal", _("All rows are nonfatal")),
            ]
        if name == "measure":
            choices += _measures(current)
        if current == KEEP:
            choices.append((KEEP, gettext("As in the mapping: %s") % self.now.in_words(name)))
        initial = nothing[0] if current == NONE else current
        return forms.ChoiceField(label=label, choices=choices, initial=initial)

    def _add_code_fields(self, name: str) -> None:
        known = self.now.words(name, self.chosen(name))
        words = sorted(VOCABULARIES.get(name) or {*MEASURES, *known.values()})
        choices = [(NONE, _("Set these rows aside")), *((word, word) for word in words)]
        for code in self.shown_codes(name):
            self.fields[self.code_field(name, code)] = forms.ChoiceField(
                label=f"“{code}”", choices=choices, initial=known.get(code, NONE)
            )

    def _flag_field(self, column: Column) -> forms.ChoiceField:
        current = self.now.flags.get(column.name, NONE)
        choices = [(NONE, _("Not used")), *((key, gettext(name)) for key, name in SUBSTANCES.items())]
        return forms.ChoiceField(label=column.name, choices=choices, initial=current)


def _measures(current: str) -> list[tuple[str, Any]]:
    """One that the coalition has named itself is offered too."""
    own = current.removeprefix(CONSTANT)
    known = [(f"{CONSTANT}{measure}", label) for measure, label in MEASURES.items()]
    if not current.startswith(CONSTANT) or own in MEASURES:
        return known
    return [*known, (current, gettext("All rows count: %s") % own)]


def _about(findings: Sequence[Finding], settings: Sequence[str]) -> Iterator[Said]:
    return (said(finding) for finding in findings if finding.setting.partition(".")[0] in settings)
