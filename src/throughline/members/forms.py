"""What the forms of members share."""

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError

T = TypeVar("T")


def perform(form: forms.Form, action: Callable[..., T], **facts: Any) -> T | None:
    """Do the action with what the form holds. If the form or the action refuses, None: the form says why."""
    if not form.is_valid():
        return None
    try:
        return action(**form.cleaned_data, **facts)
    except ValidationError as refusal:
        form.add_error(None, refusal.messages)
        return None
