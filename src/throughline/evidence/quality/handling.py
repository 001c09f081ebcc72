"""Lines about what became of the rows that came: read, placed, known already, corrected, taken back."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from throughline.evidence.quality.lines import Line, by_limit, percent, share_limits
from throughline.evidence.quality.receipts import Receipts
from throughline.evidence.quality.verdicts import Verdict


def handling_lines(came: Receipts, before: Receipts) -> list[Line]:
    """`before`: the twelve months before."""
    if not came.rows:
        return [_nothing_came()]
    return [
        _valid(came, before),
        _placed(came, before),
        _repeated(came, before),
        _corrected(came),
        _taken_back(came),
    ]


def _nothing_came() -> Line:
    """To be looked at, since a feed that comes each quarter has such months."""
    return Line(
        name=_("Rows that came"),
        figure=number_format(0),
        verdict=Verdict.LOOK,
        request=_(
            "No row came in this month. If some were due, please send them, or tell us why there are none."
        ),
    )


def _valid(came: Receipts, before: Receipts) -> Line:
    mended = ngettext(
        "%(count)s row was mended and read again since.",
        "%(count)s rows were mended and read again since.",
        came.mended,
    ) % {"count": number_format(came.mended)}
    return Line(
        name=_("Rows that could be read"),
        figure=percent(came.valid_share),
        verdict=by_limit("valid", came.valid_share),
        limits=share_limits("valid"),
        detail=" ".join([_before(before.valid_share), mended if came.mended else ""]).strip(),
        request=ngettext(
            "%(count)s row could not be read. The reasons are listed below.",
            "%(count)s rows could not be read. The reasons are listed below.",
            came.quarantined,
        )
        % {"count": number_format(came.quarantined)},
    )


def _placed(came: Receipts, before: Receipts) -> Line:
    return Line(
        name=_("Rows that name a place"),
        figure=percent(came.placed_share),
        verdict=by_limit("placed", came.placed_share),
        limits=share_limits("placed"),
        detail=_before(before.placed_share),
        request=_(
            "%(share)s of the rows name no place that we know. Please send the place of the event in each row."
        )
        % {"share": percent(None if came.placed_share is None else 1 - came.placed_share)},
    )


def _repeated(came: Receipts, before: Receipts) -> Line:
    return Line(
        name=_("Rows that were known already"),
        figure=percent(came.repeated_share),
        verdict=by_limit("repeated", came.repeated_share),
        limits=share_limits("repeated"),
        detail=_before(before.repeated_share),
        request=_(
            "%(share)s of the rows repeat what came before, word for word. New and changed records are enough."
        )
        % {"share": percent(came.repeated_share)},
    )


def _corrected(came: Receipts) -> Line:
    return Line(
        name=_("Rows that correct an earlier record"),
        figure=percent(came.revisions / came.accepted if came.accepted else None),
        verdict=Verdict.GOOD,
        detail=_("Corrections are welcome: every version is kept, and the newest counts."),
    )


def _taken_back(came: Receipts) -> Line:
    share = came.deleted / came.accepted if came.accepted else None
    return Line(
        name=_("Rows that take a record back"),
        figure=percent(share),
        verdict=by_limit("taken_back", share),
        limits=share_limits("taken_back"),
        request=_("%(share)s of the rows take a record back. What was wrong with these records?")
        % {"share": percent(share)},
    )


def _before(share: float | None) -> str:
    return "" if share is None else _("%(share)s in the twelve months before.") % {"share": percent(share)}
