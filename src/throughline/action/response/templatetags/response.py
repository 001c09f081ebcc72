"""Standings of an answer's steps in templates."""

from datetime import datetime

from django import template

from throughline.action.response import steps
from throughline.signals.clock import Standing

register = template.Library()


@register.filter
def step_standing(step: steps.Step, at: datetime) -> Standing:
    return step.standing(at)
