"""Brings codes and free text into plain ASCII, where all engines compare and search alike."""

import re
from functools import lru_cache

LONGEST_TEXT = 20_000
"""Characters of a text that are looked at; a narrative has a few thousand."""

FOLDING = (("[\u2018\u2019\u02bc`\u00b4]", "'"), ("[^ -~]+", " "), (" {2,}", " "))
"""What is replaced in a text, in order: apostrophes, all that isn't printable ASCII, blanks beyond one."""

_FOLDING = [(re.compile(pattern), replacement) for pattern, replacement in FOLDING]
_NOT_PRINTED = re.compile("[^!-~]+")


@lru_cache(maxsize=1_024)
def folded_text(text: str) -> str:
    """A text in small letters and printable ASCII; blanks, line ends and all other characters become one blank.

    >>> folded_text("Pt OD’d on\\n heroin – again")
    "pt od'd on heroin again"
    """
    plain = text[:LONGEST_TEXT]
    for pattern, replacement in _FOLDING:
        plain = pattern.sub(replacement, plain)
    return plain.lower()


def folded_code(code: str, *, drop_dots: bool, keep_case: bool) -> str:
    """A code without blanks, in capitals unless `keep_case`, with or without its dots.

    >>> folded_code(" t40.1x1a", drop_dots=True, keep_case=False)
    'T401X1A'
    """
    plain = _NOT_PRINTED.sub("", code)
    undotted = plain.replace(".", "") if drop_dots else plain
    return undotted if keep_case else undotted.upper()
