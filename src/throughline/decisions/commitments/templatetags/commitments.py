"""Standings of promises in templates."""

from datetime import datetime

from django import template
from django.utils import timezone

from throughline.decisions.commitments.models import Commitment
from throughline.decisions.commitments.standing import standing
from throughline.signals.clock import Standing

register = template.Library()


@register.filter
def promise_standing(commitment: Commitment, at: datetime) -> Standing:
    return standing(commitment, timezone.localdate(at))
