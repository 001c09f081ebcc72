"""Promises for these tests."""

from datetime import date

import pytest
from factories import NOON, make_person

from throughline.decisions.commitments.actions import make_commitment


@pytest.fixture
def promise(db):
    """`promise(due_on=...)` is one made at noon on 7 March 2026, due on the 14th unless said otherwise."""

    def made(**facts):
        owner = facts.pop("owner", None) or make_person()
        defaults = {
            "what": "Post a unit with kits in Ward 8",
            "deputy": make_person(),
            "due_on": date(2026, 3, 14),
            "by": owner,
            "at": NOON,
        }
        return make_commitment(owner=owner, **defaults | facts)

    return made
