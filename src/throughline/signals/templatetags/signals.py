"""Clocks and standings of signals in templates."""

from datetime import datetime

from django import template

from throughline.signals import clock
from throughline.signals.models import Signal

register = template.Library()


@register.filter
def standing(signal: Signal, at: datetime) -> clock.Standing:
    return clock.standing(signal, at)


@register.filter
def time_left(due_at: datetime, at: datetime) -> str:
    return clock.time_left(due_at, at)
