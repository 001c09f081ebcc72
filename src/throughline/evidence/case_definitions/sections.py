"""What a feed's page says about what counts as a case in it."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from throughline.evidence.case_definitions.queries import definition_of
from throughline.evidence.feeds.models import Feed, Mapping
from throughline.formats.event import OVERDOSE
from throughline.formats.mapping import parse_mapping
from throughline.ui.sections import Section, section


@section("feed")
def what_counts(request: Any, feed: Feed, at: datetime) -> Section:
    context = {
        "definition": definition_of(feed, at=at),
        "holds_others": _holds_others(feed.mapping),
    }
    return Section(_("What counts as a case"), "case_definitions/feed.html", context, order=1)


def _holds_others(mapping: Mapping | None) -> bool:
    """Whether its records call themselves something else than overdoses, so that none counts by itself."""
    count = parse_mapping(mapping.definition).count if mapping else None
    return count is not None and OVERDOSE not in {count.measure.constant, *count.measure.codes.values()}
