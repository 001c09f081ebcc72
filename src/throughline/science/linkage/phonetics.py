"""Writes names that sound alike in the same way."""

import re
import unicodedata

_ALIKE = ("bfpv", "cgjkqsxz", "dt", "l", "mn", "r")
_CODES = {letter: str(code) for code, letters in enumerate(_ALIKE, 1) for letter in letters}


def soundex(name: str) -> str:
    """A letter and three digits (American Soundex, as the U.S. National Archives define it); empty without a letter.

    >>> soundex("Robert"), soundex("Rupert"), soundex("Tymczak"), soundex("Pfister")
    ('r163', 'r163', 't522', 'p236')
    """
    plain = unicodedata.normalize("NFKD", name.casefold())
    letters = re.sub(r"[^a-z]", "", plain)
    if not letters:
        return ""
    digits = [_CODES.get(letter, "") for letter in letters[0] + re.sub("[hw]", "", letters[1:])]
    told = [digit for before, digit in zip(["", *digits], digits, strict=False) if digit != before]
    spoken = "".join(told if not digits[0] else told[1:])
    return (letters[0] + spoken + "000")[:4]
