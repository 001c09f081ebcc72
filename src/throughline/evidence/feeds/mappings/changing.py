"""Turns what a person changed in the form into a new mapping; settings that weren't touched stay as they are."""

from collections.abc import Mapping
from typing import Any, cast

from throughline.evidence.feeds.mappings.current import CONSTANT, KEEP, NONE, OVERDOSES
from throughline.evidence.feeds.mappings.editor import CODED, MappingEditor
from throughline.formats.gazetteer import Gazetteer
from throughline.formats.proposal.choosing import cause_rules, code_rule, flag_rule, occurred_rule, word_rule
from throughline.formats.proposal.columns import Column
from throughline.formats.proposal.dates import Order
from throughline.formats.rules import fold

Document = dict[str, Any]
_WHEN = {"date", "clock", "fallback", "order", "time_zone"}


def changed_definition(form: MappingEditor, places: Gazetteer) -> Document:
    """The mapping as the valid form has it."""
    definition = dict(form.now.definition)
    changed = set(form.changed_data)
    for name in ("record_id", "age"):
        if name in changed:
            _put(definition, name, _source(form, name))
    if changed & _WHEN and form.cleaned_data["date"] != KEEP:
        definition["occurred_at"] = _occurred(definition, form, changed)
    if changed & {"place_code", "unknown_place", "latitude", "longitude"}:
        _put(definition, "place", _place(definition.get("place") or {}, form, places, changed))
    for name in ("outcome", "manner", "sex", "naloxone", "age_group", "race", "ethnicity"):
        _put(definition, name, _words(definition.get(name), form, name, changed))
    _put(definition, "count", _count(definition.get("count") or {}, form, changed))
    if changed & {"cause", "cause_more"} and form.cleaned_data["cause"] != KEEP:
        _change_cause(definition, form)
    if any(name.startswith("flag_") for name in changed):
        _put(definition, "substance_flags", _flags(definition, form))
    return definition


def _put(definition: Document, setting: str, rule: Any) -> None:
    if rule:
        definition[setting] = rule
    else:
        definition.pop(setting, None)


def _column(form: MappingEditor, name: str) -> Column | None:
    return form.sample.by_name.get(form.cleaned_data[name])


def _source(form: MappingEditor, name: str) -> Document | None:
    column = _column(form, name)
    return {"columns": [column.name]} if column else None


def _occurred(definition: Document, form: MappingEditor, changed: set[str]) -> Document:
    before = dict(definition.get("occurred_at") or {})
    if changed & _WHEN == {"time_zone"}:
        return before | {"time_zone": form.cleaned_data["time_zone"]}
    first = (
        cast(Order, form.cleaned_data["order"])
        if "order" in changed and form.cleaned_data["order"] != NONE
        else None
    )
    rule = occurred_rule(
        form.sample.by_name[form.cleaned_data["date"]],
        _column(form, "clock"),
        _column(form, "fallback"),
        first=first,
        time_zone=form.cleaned_data["time_zone"],
    )
    kept = {key: before[key] for key in ("ambiguous", "nonexistent") if key in before}
    return kept | rule


def _place(before: Mapping[str, Any], form: MappingEditor, places: Gazetteer, changed: set[str]) -> Document:
    place = dict(before)
    if "place_code" in changed and form.cleaned_data["place_code"] != KEEP:
        column = _column(form, "place_code")
        _put(place, "code", code_rule(column, places) if column else None)
    if changed & {"latitude", "longitude"}:
        latitude, longitude = _column(form, "latitude"), _column(form, "longitude")
        point = {"latitude": latitude.name, "longitude": longitude.name} if latitude and longitude else None
        _put(place, "point", point)
    if "unknown_place" in changed:
        place["otherwise"] = form.cleaned_data["unknown_place"]
    return place if {"code", "point", "point_in_text"} & place.keys() else {}


def _words(before: Any, form: MappingEditor, name: str, changed: set[str]) -> Any:
    value = form.cleaned_data[name]
    column = _column(form, name)
    if value.startswith(CONSTANT):
        return {"constant": value.removeprefix(CONSTANT)}
    if column is None:
        return before if value == KEEP else None
    rule = word_rule(name, column) if name in changed else before
    if name in CODED and any(one.startswith(f"{name}_code_") for one in changed):
        return rule | {"codes": _sent_codes(form, name, rule.get("codes") or {})}
    return rule


def _count(before: Mapping[str, Any], form: MappingEditor, changed: set[str]) -> Document:
    """Nothing where each row is one overdose."""
    measure = _words(before.get("measure"), form, "measure", changed)
    quantity = _source(form, "quantity") if "quantity" in changed else before.get("quantity")
    if quantity is None:
        return {"measure": measure} if measure else {}
    return {"measure": measure or OVERDOSES, "quantity": quantity}


def _sent_codes(form: MappingEditor, name: str, before: Mapping[str, str]) -> dict[str, str]:
    """Codes that this file doesn't hold keep their meaning."""
    shown = form.shown_codes(name)
    words = ((code, form.cleaned_data[form.code_field(name, code)]) for code in shown)
    others = {code: word for code, word in before.items() if fold(code) not in set(map(fold, shown))}
    return others | {code: word for code, word in words if word != NONE}


def _change_cause(definition: Document, form: MappingEditor) -> None:
    columns = [column for name in ("cause", "cause_more") if (column := _column(form, name))]
    for setting in ("cause", "substance_texts"):
        definition.pop(setting, None)
    if columns:
        definition.update(cause_rules(columns))


def _flags(definition: Document, form: MappingEditor) -> list[Document]:
    """Rules of several columns, which the form doesn't show, are kept."""
    shown = {column.name: form.cleaned_data[f"flag_{n}"] for n, column in enumerate(form.flag_columns)}
    before = {
        rule["columns"][0]: rule
        for rule in definition.get("substance_flags") or []
        if len(rule["columns"]) == 1
    }
    kept = [rule for rule in definition.get("substance_flags") or [] if rule["columns"][0] not in shown]
    chosen = [
        before[name] if name in before and before[name]["substance"] == substance
        else flag_rule(form.sample.by_name[name], substance)
        for name, substance in shown.items() if substance != NONE
    ]  # fmt: skip
    return kept + chosen
