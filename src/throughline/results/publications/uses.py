"""The public account of how data were used: what `uses.json` holds, and its CSV.

Knows the file's content only, no database, so that the public site can read it.
"""

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.core.serializers.json import DjangoJSONEncoder

from throughline.policy.sharing import Purpose
from throughline.results.publications.pages import Unreadable

BANDS = ((1000, "1000+"), (100, "100-999"), (10, "10-99"), (1, "1-9"))


@dataclass(frozen=True, slots=True)
class Use:
    """How often an organization read for a purpose under an agreement on one day, as a band."""

    on: date
    purpose: Purpose
    organization: str
    agreement: str  # its title; empty where an organization checked what it had sent itself
    times: str

    @property
    def is_for_law_enforcement(self) -> bool:
        return self.purpose is Purpose.LAW_ENFORCEMENT


@dataclass(frozen=True, slots=True)
class Root:
    """What the first `size` entries of the ledger make; see `ledger.models.DailyRoot`."""

    on: date
    size: int
    root: str


@dataclass(frozen=True, slots=True)
class Uses:
    """All uses up to and with a day, the newest first, and the roots of the ledger that they are entered in."""

    through: date
    uses: list[Use]
    roots: list[Root]
    made_at: datetime


def band(times: int) -> str:
    """A band says how busy somebody was, and not what one person did."""
    return next(name for least, name in BANDS if times >= least)


def uses_to_json(uses: Uses) -> str:
    return json.dumps(asdict(uses), cls=DjangoJSONEncoder, indent=1, ensure_ascii=False) + "\n"


def uses_from_json(text: str) -> Uses:
    """Raises Unreadable."""
    try:
        content = json.loads(text)
        return Uses(
            date.fromisoformat(content["through"]),
            [_use(row) for row in content["uses"]],
            [Root(**row | {"on": date.fromisoformat(row["on"])}) for row in content["roots"]],
            datetime.fromisoformat(content["made_at"]),
        )
    except (ValueError, TypeError, KeyError) as error:
        raise Unreadable("the account of uses is damaged") from error


def _use(row: Mapping[str, str]) -> Use:
    on, purpose = date.fromisoformat(row["on"]), Purpose(row["purpose"])
    return Use(on, purpose, row["organization"], row["agreement"], row["times"])


def uses_csv(uses: Uses) -> str:
    """One line for each use, with `law_enforcement` as yes or no."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["day", "purpose", "law_enforcement", "organization", "agreement", "times"])
    for use in uses.uses:
        apart = "yes" if use.is_for_law_enforcement else "no"
        writer.writerow([use.on, use.purpose.value, apart, use.organization, use.agreement, use.times])
    return out.getvalue()
