"""Words for days and weekdays in the pages of feeds."""

from django import template

from throughline.evidence.feeds.clocks import wording

register = template.Library()
register.filter("days_in_words", wording.days_in_words)
register.filter("weekdays_in_words", wording.weekdays_in_words)
