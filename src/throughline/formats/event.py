"""The record that every format is read into, mostly one overdose, and the vocabulary it is written in."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from operator import attrgetter
from types import MappingProxyType

from throughline.formats.wording import gettext_noop as _

UNKNOWN = "unknown"
OVERDOSE = "overdose"


class Kind(StrEnum):
    """What a field of an event holds. The warehouse gives each kind its column type."""

    TEXT = "text"
    TEXTS = "texts"
    INSTANT = "instant"
    WHOLE = "whole"
    DECIMAL = "decimal"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class EventField:
    """One field that agreements can name: identifying ones could single out a person, alone or with little else."""

    name: str
    kind: Kind
    description: str
    identifying: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One overdose, or a number of things of one kind, as one source reported it.

    `record_id` is the source's own key, or a key made from the row's content where the source has none. Text
    that the source left out is "unknown"; other missing values are None. `EVENT_FIELDS` describes every field
    that agreements can name. The others are no content of the report: `row` says where in its file the event
    stands, `quantity` how many the record stands for (kits given out, places free), and `deleted` that the
    source took the record back.
    """

    record_id: str
    occurred_at: datetime
    time_quality: str = "minute"
    place: str | None = None
    place_method: str = UNKNOWN
    latitude: float | None = None
    longitude: float | None = None
    outcome: str = UNKNOWN
    manner: str = UNKNOWN
    age: int | None = None
    age_group: str = UNKNOWN
    sex: str = UNKNOWN
    race: str = UNKNOWN
    ethnicity: str = UNKNOWN
    substances: tuple[str, ...] = ()
    naloxone: bool | None = None
    cause: str = ""
    measure: str = OVERDOSE
    codes: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    quantity: int = 1
    deleted: bool = False
    row: int = 0

    @property
    def content_hash(self) -> str:
        """32 hexadecimal digits that change exactly when the content changes; two revisions differ in it.

        Fields with nothing in them are left out, so that a field added to the product later changes no hash.
        """
        values = zip(_CONTENT, _content(self), _NOTHING, strict=True)
        known = [(name, value) for name, value, nothing in values if value != nothing]
        content = repr((self.occurred_at.isoformat(), known))
        return blake2b(content.encode(), digest_size=16).hexdigest()


EVENT_FIELDS: Mapping[str, EventField] = MappingProxyType(
    {
        field.name: field
        for field in (
            EventField("record_id", Kind.TEXT, _("The source's own key of the record."), identifying=True),
            EventField("occurred_at", Kind.INSTANT, _("When the overdose happened.")),
            EventField(
                "time_quality",
                Kind.TEXT,
                _(
                    "How well the time is known: minute; day (only the day is known); ambiguous (in the hour that "
                    "clocks repeat, read as the mapping says); shifted (in the hour that clocks skip, moved forward)."
                ),
            ),
            EventField("place", Kind.TEXT, _("Code of the place where it happened.")),
            EventField(
                "place_method",
                Kind.TEXT,
                _("How the place was found: code, boundary, nearest_centroid, or unknown."),
            ),
            EventField("latitude", Kind.DECIMAL, _("Latitude in degrees, WGS 84."), identifying=True),
            EventField("longitude", Kind.DECIMAL, _("Longitude in degrees, WGS 84."), identifying=True),
            EventField("outcome", Kind.TEXT, _("fatal, nonfatal or unknown.")),
            EventField("manner", Kind.TEXT, _("Manner of death, as certified.")),
            EventField("age", Kind.WHOLE, _("Age in completed years."), identifying=True),
            EventField("age_group", Kind.TEXT, _("Age group, such as 20-29.")),
            EventField("sex", Kind.TEXT, _("female, male, other or unknown.")),
            EventField("race", Kind.TEXT, _("Race, in the words of the feed's mapping.")),
            EventField("ethnicity", Kind.TEXT, _("Ethnicity, in the words of the feed's mapping.")),
            EventField("substances", Kind.TEXTS, _("Substances that were found or named.")),
            EventField("naloxone", Kind.FLAG, _("Whether naloxone was given.")),
            EventField("cause", Kind.TEXT, _("Cause of death or narrative, free text."), identifying=True),
            EventField(
                "measure",
                Kind.TEXT,
                _("What is counted: overdose, or what a feed of counts reports, such as naloxone_kits."),
            ),
            EventField(
                "codes",
                Kind.TEXTS,
                _("Codes as the source wrote them, each behind its element: eSituation.11=T40.1X1A."),
            ),
            EventField(
                "texts",
                Kind.TEXTS,
                _("Free texts as the source wrote them, each behind its element, such as a chief complaint."),
                identifying=True,
            ),
        )
    }
)

_DEFAULTS = {field.name: field.default for field in fields(Event)}
_CONTENT = (
    *(name for name in EVENT_FIELDS if name not in ("record_id", "occurred_at")),
    "quantity",
    "deleted",
)
_NOTHING = tuple(_DEFAULTS[name] for name in _CONTENT)
_content = attrgetter(*_CONTENT)

VOCABULARIES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "outcome": frozenset({"fatal", "nonfatal", UNKNOWN}),
        "sex": frozenset({"female", "male", "other", UNKNOWN}),
        "manner": frozenset(
            {"accident", "suicide", "homicide", "natural", "undetermined", "pending", UNKNOWN},
        ),
        "naloxone": frozenset({"yes", "no", UNKNOWN}),
        "deleted": frozenset({"yes", "no", UNKNOWN}),
    }
)
"""Fields whose values the product reasons about, so that feeds must be mapped onto these words."""

OPIOIDS: Mapping[str, str] = MappingProxyType(
    {
        "fentanyl": _("fentanyl"),
        "fentanyl_analogue": _("fentanyl analogue"),
        "nitazene": _("nitazene"),
        "heroin": _("heroin"),
        "morphine": _("morphine"),
        "methadone": _("methadone"),
        "buprenorphine": _("buprenorphine"),
        "oxycodone": _("oxycodone"),
        "oxymorphone": _("oxymorphone"),
        "hydrocodone": _("hydrocodone"),
        "hydromorphone": _("hydromorphone"),
        "codeine": _("codeine"),
        "tramadol": _("tramadol"),
        "opioid_unspecified": _("opioid, not further specified"),
    }
)

SUBSTANCES: Mapping[str, str] = MappingProxyType(
    {
        **OPIOIDS,
        "cocaine": _("cocaine"),
        "methamphetamine": _("methamphetamine"),
        "amphetamine": _("amphetamine"),
        "benzodiazepine": _("benzodiazepine"),
        "xylazine": _("xylazine"),
        "medetomidine": _("medetomidine"),
        "gabapentinoid": _("gabapentinoid"),
        "barbiturate": _("barbiturate"),
        "pcp": _("phencyclidine (PCP)"),
        "cannabis": _("cannabis"),
        "synthetic_cannabinoid": _("synthetic cannabinoid"),
        "alcohol": _("alcohol"),
        "other": _("other substance"),
    }
)
"""Words for substances, and how to name them to people."""

AGE_GROUPS = ("0-19", "20-29", "30-39", "40-49", "50-59", "60-69", "70-79", "80+")


def age_group_of(age: int) -> str:
    """The standard group of an age in years.

    >>> age_group_of(7), age_group_of(44), age_group_of(91)
    ('0-19', '40-49', '80+')
    """
    return AGE_GROUPS[min(max(age // 10 - 1, 0), len(AGE_GROUPS) - 1)]
