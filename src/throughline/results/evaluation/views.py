"""Pages of effects: one measurement, and measuring again."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from throughline.action.response.models import Response
from throughline.members.access import Permission, allows, requires
from throughline.results.evaluation import actions, queries
from throughline.results.evaluation.charts import effect_chart
from throughline.results.evaluation.forms import MeasureForm
from throughline.results.evaluation.models import Effect
from throughline.results.evaluation.wording import sentence


@requires(Permission.VIEW_SIGNALS)
def effect(request: HttpRequest, pk: int) -> HttpResponse:
    chosen = get_object_or_404(Effect.objects.select_related("response__signal", "measured_by"), pk=pk)
    facts = queries.facts_of(chosen)
    context: dict[str, Any] = {
        "effect": chosen,
        "signal": chosen.response.signal,
        "facts": facts,
        "sentence": sentence(facts),
        "chart": effect_chart(facts, as_of=chosen.as_of),
        "places": chosen.places.all(),
        "comparison_places": chosen.comparison_places.all(),
        "next_measure_on": queries.next_measure_on(chosen, facts.conclusion),
        "others": [other for other in queries.effects_of(chosen.response) if other != chosen],
        "with_figures": queries.may_see_effects(request.user, chosen.response, on=timezone.localdate()),
        "may_measure": allows(request, Permission.MEASURE_EFFECTS),
        "may_publish": allows(request, Permission.PUBLISH),
    }
    return render(request, "evaluation/effect.html", context)


@requires(Permission.MEASURE_EFFECTS)
def measure(request: HttpRequest, response_pk: int) -> HttpResponse:
    response = get_object_or_404(Response.objects.select_related("signal"), pk=response_pk)
    form = MeasureForm(request.POST or None)
    if form.is_valid():
        now = timezone.now()
        try:
            measured = actions.measure_effect(
                response=response, as_of=now, by=request.user, at=now, **form.cleaned_data
            )
            return redirect("effect", measured.pk)
        except ValidationError as error:
            form.add_error(None, error)
    return render(
        request, "evaluation/measure.html", {"form": form, "response": response, "signal": response.signal}
    )
