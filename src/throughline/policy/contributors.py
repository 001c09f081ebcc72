"""Protects a table from those who sent parts of it: they can take off their own counts, and see what is left."""

from collections.abc import Iterable
from dataclasses import replace

from throughline.policy.candidate import Ints
from throughline.policy.margins import with_margins
from throughline.policy.suppression import Protected, protect_candidate


def protect_from_contributors(protected: Protected, contributions: Iterable[Ints]) -> Protected:
    """Withhold more, so that no contributor learns a small count of all others together.

    Each of the contributions is a table without sums, with the labels of the protected one. A cell is withheld where
    what others sent is small: one contributor dominates it. What hides a count from everybody else stays withheld, so
    each contributor in turn only adds to it; and who holds fewer counts of their own can only learn less.
    """
    for sent in contributions:
        protected = _protect_from(protected, sent)
    return protected


def _protect_from(protected: Protected, sent: Ints) -> Protected:
    candidate = protected.candidate
    published = protected.published & ~candidate.known
    others = protect_candidate(candidate.less(with_margins(sent, candidate.axes), wanted=published))
    newly_small = others.primary & published
    complementary = protected.complementary | others.complementary
    released = protected.released.copy()
    released[newly_small | others.complementary] = 0
    released.mask |= newly_small | others.complementary
    return replace(
        protected,
        candidate=replace(candidate, small=candidate.small | newly_small),
        complementary=complementary & ~newly_small,
        released=released,
    )
