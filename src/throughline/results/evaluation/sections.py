"""What a signal's page says about whether its answer worked."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from throughline.action.response.models import Response
from throughline.members.access import Permission, allows
from throughline.results.evaluation.queries import effects_of, facts_of, may_see_effects
from throughline.results.evaluation.wording import sentence
from throughline.signals.models import Signal
from throughline.ui.sections import Section, section


@section("signal")
def effects(request: Any, signal: Signal, at: datetime) -> Section | None:
    """Each measurement, in a sentence for those who may see counts; a way to measure once something was planned."""
    response = Response.objects.filter(signal=signal).first()
    if response is None or response.planned_at is None:
        return None
    measured = [
        (effect, facts, sentence(facts)) for effect in effects_of(response) for facts in [facts_of(effect)]
    ]
    return Section(
        _("What changed"),
        "evaluation/section.html",
        {
            "measured": measured,
            "with_figures": may_see_effects(request.user, response, on=timezone.localdate(at)),
            "effect_response": response,
            "may_measure": allows(request, Permission.MEASURE_EFFECTS),
        },
        order=8,
    )
