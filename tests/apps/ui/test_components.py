"""The component tags, as other templates call them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.utils import timezone, translation

from throughline.ui.charts import Mark, Series, line_chart
from throughline.ui.maps import PlaceMap, PlaceShape
from throughline.ui.panels import Panel
from throughline.ui.samples import everything


def rendered(source, **context):
    return Template("{% load i18n ui %}" + source).render(Context(context)).strip()


class AnswerForm(forms.Form):
    note = forms.CharField(help_text="One sentence.")
    verdict = forms.ChoiceField(choices=[("real", "Real"), ("not", "Not real")], widget=forms.RadioSelect)
    told = forms.BooleanField(label="I have told them")
    token = forms.CharField(widget=forms.HiddenInput)


def test_a_status_says_its_words_and_escapes_them():
    assert rendered('{% status label "bad" %}', label="3 > 2") == (
        '<span class="tl-status tl-status--bad">3 &gt; 2</span>'
    )


def test_an_unknown_tone_is_refused():
    with pytest.raises(TemplateSyntaxError, match="'red', expected one of"):
        rendered('{% status "late" "red" %}')


def test_when_shows_instants_in_the_local_zone_days_as_days_and_nothing_as_a_dash():
    with timezone.override("America/New_York"):
        shown = rendered("{% when at %}", at=datetime(2025, 4, 11, 2, 30, tzinfo=UTC))
    assert shown == '<time datetime="2025-04-10T22:30:00-04:00">April 10, 2025, 10:30 p.m.</time>'
    assert rendered("{% when on %}", on=date(2025, 4, 11)) == (
        '<time datetime="2025-04-11">April 11, 2025</time>'
    )
    assert "–" in rendered("{% when nothing %}", nothing=None)


def test_nobody_yet():
    assert "nobody yet" in rendered("{% person owner %}", owner=None)


def test_an_empty_state_offers_the_next_step():
    shown = rendered('{% empty_state "No feed yet." "/feeds/new/" "Set up a feed" %}')
    assert '<a class="usa-button usa-button--outline" href="/feeds/new/">Set up a feed</a>' in shown


def test_every_control_has_a_label_and_its_hint_and_error_by_reference():
    shown = rendered("{% form_fields form %}", form=AnswerForm({}))
    assert '<label class="usa-label usa-label--error" for="id_note">Note' in shown
    assert 'aria-describedby="id_note_helptext id_note_error"' in shown
    assert 'id="id_note_helptext">One sentence.' in shown
    assert 'id="id_note_error">This field is required.' in shown
    assert '<legend class="usa-legend">Verdict' in shown
    assert '<label class="usa-checkbox__label" for="id_told">I have told them</label>' in shown


def test_the_error_summary_leads_to_the_fields_and_names_hidden_ones():
    shown = rendered("{% form_fields form %}", form=AnswerForm({}))
    assert '<a href="#id_note">Note: This field is required.</a>' in shown
    assert '<a href="#id_verdict_group">' in shown and 'id="id_verdict_group"' in shown
    assert "<li>Token: This field is required.</li>" in shown


def test_an_untouched_form_has_no_summary():
    assert "usa-alert" not in rendered("{% form_fields form %}", form=AnswerForm())


def test_classes_that_a_form_set_are_kept():
    form = AnswerForm()
    form.fields["note"].widget.attrs["class"] = "wide"
    assert 'class="wide usa-input"' in rendered("{% form_field form.note %}", form=form)


def test_pagination_keeps_the_filters():
    request = RequestFactory().get("/signals/", {"state": "open", "page": "2"})
    shown = rendered("{% pagination page %}", request=request, page=Paginator(range(120), 50).page(2))
    assert 'href="?state=open&amp;page=3"' in shown
    assert 'aria-current="page">2</a>' in shown


def test_one_page_needs_no_pagination():
    request = RequestFactory().get("/signals/")
    assert rendered("{% pagination page %}", request=request, page=Paginator([1], 50).page(1)) == ""


def test_progress_of_nothing_is_no_progress():
    assert 'value="0" max="100"' in rendered('{% progress 0 0 "Reading" %}')


@dataclass(frozen=True)
class TextPanel(Panel):
    template: str = "ui/empty_state.html"


def test_a_panel_sees_its_own_context_over_that_of_the_page():
    panel = TextPanel("Overdue", context={"text": "Two promises"})
    shown = rendered("{% render_panel panel %} {{ text }}", panel=panel, text="page")
    assert "Two promises" in shown and shown.endswith("page")


def test_a_chart_carries_its_title_description_table_date_and_withheld_mark():
    days = [date(2025, 3, 1), date(2025, 3, 2)]
    chart = line_chart(
        title="Overdoses", labels=days, series=[Series("Observed", [7, None])], as_of=date(2025, 3, 3),
        marks=[Mark("Alert", value=5)],
    )  # fmt: skip
    shown = rendered("{% chart c %}", c=chart)
    assert "<title>Overdoses</title>" in shown
    assert "<desc>Observed. Lowest at March 1, 2025: 7." in shown
    assert 'as of <time datetime="2025-03-03">' in shown
    assert "<td>withheld</td>" in shown and "withheld to protect privacy" in shown


def test_coordinates_keep_their_decimal_point_in_every_language():
    with translation.override("es"):
        content = everything()
        shown = rendered("{% chart line %}{% chart ages %}{% place_map boundaries %}", **content)
    assert "11,2" in shown  # a value is written as readers of Spanish write it
    numbers = [
        part.split('"')[0] for name in ("y1", "cy", "y", "height") for part in shown.split(f' {name}="')[1:]
    ]
    assert numbers and not [number for number in numbers if "," in number]


def test_a_map_links_its_places_and_has_the_same_facts_as_a_table():
    place = PlaceShape(
        "1", "Riverside", latitude=42.9, longitude=-78.9, value=4, highlighted=True, url="/places/1/"
    )
    shown = rendered("{% place_map m %}", m=PlaceMap(title="Overdoses", shapes=[place], unit="events"))
    assert '<a href="/places/1/" tabindex="-1"><circle' in shown
    assert '<a href="/places/1/">Riverside</a> (highlighted)</th><td>4</td>' in shown
    assert '<th scope="col">events</th>' in shown


def test_no_component_needs_an_inline_style_or_script():
    shown = rendered(
        "{% chart line %}{% chart bars %}{% chart spark %}{% place_map boundaries %}", **everything()
    )
    assert "style=" not in shown and "<script" not in shown and "onclick" not in shown
