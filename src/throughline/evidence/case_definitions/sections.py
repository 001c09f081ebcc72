"""What a feed's page says about what counts as a case in it."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from throughline.evidence.case_definitions.queries import definition_of
from throughline.evidence.feeds.models import Feed
from throughline.formats.event import OVERDOSE
from throughline.ui.sections import Section, section


@section("feed")
def what_counts(request: Any, feed: Feed, at: datetime) -> Section:
    context = {
        "definition": definition_of(feed, at=at),
        "holds_others": feed.mapping is not None and _holds_others(feed.mapping.definition),
    }
    return Section(_("What counts as a case"), "case_definitions/feed.html", context, order=1)


def _holds_others(mapping: dict[str, Any]) -> bool:
    """Whether its records call themselves something else than overdoses, so that none counts by itself."""
    measure = mapping.get("count", {}).get("measure", {})
    return bool(measure) and OVERDOSE not in {measure.get("constant"), *measure.get("codes", {}).values()}
