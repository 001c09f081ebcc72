"""Accepts a regular expression only if it means the same, and ends soon, in every engine that counts events."""

import re
from dataclasses import dataclass
from functools import lru_cache

LONGEST = 10_000
DEEPEST = 20
MOST_PARTS = 20_000
MOST_WAYS = 200_000
_ENDLESS = 1_000
_MOST_REPEATS = 200
_MOST_NESTED_REPEATS = 1_000  # of repeats within repeats; RE2 takes no more

_ASCII = frozenset(map(chr, range(32, 127)))
_DIGITS = frozenset("0123456789")
_WORD = _DIGITS | frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_")
_CLASSES = {"d": _DIGITS, "w": _WORD, "s": frozenset(" ")}
_META = frozenset("^$.[]|()*+?{}\\")
_UNSURE_IN_CLASS = frozenset("[&~")  # Java and Rust combine sets with these
_ESCAPABLE = frozenset("!\"#$%&'()*+,-./:;=?@[\\]^_`{|}~")  # Rust reads \< and \> as the ends of a word
_REPEAT = re.compile(r"\{(\d{1,3})(,(\d{0,3}))?\}")


class PatternError(ValueError):
    """A pattern that engines may read differently, or that could take too long."""


@lru_cache(maxsize=1_000)
def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Compile a pattern of the subset that Python, RE2 (DuckDB), Java (Spark) and Rust (Sail) read alike.

    The subset: printable ASCII, `.`, `^`, `$`, `|`, groups, classes, `\\d \\w \\s \\b`, greedy repeats. Texts must
    be printable ASCII too (`folding` makes them so): there the engines agree. A pattern may have at most
    `MOST_WAYS` ways to match from one position, which an engine that backtracks tries one after another; what
    varies inside of a repeat must stand behind a character that it can't take itself. Raises PatternError.
    """
    if len(pattern) > LONGEST:
        raise PatternError(f"has {len(pattern):,} characters, more than {LONGEST:,}")
    part = _parsed(pattern)
    if part.size > MOST_PARTS or part.ways > MOST_WAYS:
        raise PatternError("could take too long: repeats less, or shorter, are needed")
    try:
        return re.compile(pattern, re.ASCII)
    except re.error as fault:  # such as ^?, which some engines read
        raise PatternError(f"can't be read: {fault}") from None


def can_match_nothing(pattern: str) -> bool:
    """Whether it matches without taking a character; where in a text that counts, engines disagree."""
    return _parsed(pattern).optional


@dataclass(frozen=True, slots=True)
class _Part:
    """What is known of a part: its first characters, those that vary in number, its size, its ways to match.

    `repeats` is the largest product of counted repeats that stand within one another.
    """

    first: frozenset[str] = frozenset()
    varying: frozenset[str] = frozenset()
    size: int = 1
    ways: int = 1
    repeats: int = 1
    optional: bool = False
    forks: bool = False
    literal: str | None = None


_NOTHING = _Part(optional=True, literal="")


class _Parser:
    """Recursive descent; each method reads one thing and says what is known of it."""

    def __init__(self, pattern: str) -> None:
        self.rest = pattern
        self._depth = 0

    def alternatives(self) -> _Part:
        parts = [self._sequence()]
        while self.rest.startswith("|"):
            self._take(1)
            parts.append(self._sequence())
        return _either(parts) if len(parts) > 1 else parts[0]

    def _sequence(self) -> _Part:
        whole = _NOTHING
        while self.rest and self.rest[0] not in "|)":
            whole = _then(whole, self._repeated(self._atom()))
        return whole

    def _repeated(self, atom: _Part) -> _Part:
        low, high = self._range()
        if self.rest[:1] in ("*", "+", "?") or _REPEAT.match(self.rest):
            raise PatternError("has a lazy, possessive or doubled repeat")
        return atom if (low, high) == (1, 1) else _repeat(atom, low, high)

    def _range(self) -> tuple[int, int]:
        """How often the atom before may stand; once, unless told."""
        simple = {"*": (0, _ENDLESS), "+": (1, _ENDLESS), "?": (0, 1)}.get(self.rest[:1])
        if simple:
            self._take(1)
            return simple
        if found := _REPEAT.match(self.rest):
            self._take(found.end())
            return _bounds(found)
        return 1, 1

    def _atom(self) -> _Part:
        match self._take(1):
            case "(":
                return self._group()
            case "[":
                return _Part(self._class())
            case "\\":
                return self._escape()
            case ".":
                return _Part(_ASCII)
            case "^" | "$":
                return _NOTHING
            case char if char in _ASCII and char not in _META:
                return _Part(frozenset(char), literal=char)
            case char:
                raise PatternError(f"has {char!r}, which needs a backslash or is no printable ASCII")

    def _group(self) -> _Part:
        if self.rest.startswith("?:"):
            self._take(2)
        elif self.rest.startswith("?"):
            raise PatternError("has a group that looks around, has a name or sets flags")
        self._depth += 1
        if self._depth > DEEPEST:
            raise PatternError(f"has groups within groups, more than {DEEPEST} deep")
        part = self.alternatives()
        self._depth -= 1
        if not self.rest.startswith(")"):
            raise PatternError("has a ( without its )")
        self._take(1)
        return part

    def _escape(self) -> _Part:
        char = self._take(1)
        if char == "b":
            return _NOTHING
        return _Part(_escaped(char), literal=None if char in _CLASSES else char)

    def _class(self) -> frozenset[str]:
        negated = self.rest.startswith("^")
        self._take(int(negated))
        chars: frozenset[str] = frozenset()
        while not self.rest.startswith("]"):
            chars |= self._member()
        self._take(1)
        if not chars:
            raise PatternError("has a class of nothing")
        return _ASCII - chars if negated else chars

    def _member(self) -> frozenset[str]:
        start = self._class_char()
        if not self.rest.startswith("-") or self.rest.startswith("-]"):
            return start
        self._take(1)
        end = self._class_char()
        if len(start) != 1 or len(end) != 1 or min(start) > min(end):
            raise PatternError("has a range in a class that goes nowhere")
        return frozenset(map(chr, range(ord(min(start)), ord(min(end)) + 1)))

    def _class_char(self) -> frozenset[str]:
        char = self._take(1)
        if char == "\\":
            return _escaped(self._take(1))
        if char in _UNSURE_IN_CLASS or char not in _ASCII:
            raise PatternError(f"has {char!r} in a class, which needs a backslash or is no printable ASCII")
        return frozenset(char)

    def _take(self, count: int) -> str:
        if len(self.rest) < count:
            raise PatternError("ends too early")
        taken, self.rest = self.rest[:count], self.rest[count:]
        return taken


def _parsed(pattern: str) -> _Part:
    parser = _Parser(pattern)
    part = parser.alternatives()
    if parser.rest:
        raise PatternError("has a ) without its (")
    return part


def _bounds(found: re.Match[str]) -> tuple[int, int]:
    low = int(found[1])
    high = low if found[2] is None else int(found[3] or _ENDLESS)
    if low > high or max(low, high if found[3] else low) > _MOST_REPEATS:
        raise PatternError(f"has the repeat {found[0]}; at most {_MOST_REPEATS} times are possible")
    return low, high


def _escaped(char: str) -> frozenset[str]:
    if char in _CLASSES:
        return _CLASSES[char]
    if char in _ESCAPABLE:
        return frozenset(char)
    raise PatternError(f"has \\{char}, which engines read differently")


def _then(left: _Part, right: _Part) -> _Part:
    return _Part(
        first=left.first | right.first if left.optional else left.first,
        varying=left.varying | right.varying,
        size=left.size + right.size,
        ways=min(left.ways * right.ways, MOST_WAYS + 1),
        repeats=max(left.repeats, right.repeats),
        optional=left.optional and right.optional,
        forks=left.forks or right.forks,
        literal=None if left.literal is None or right.literal is None else left.literal + right.literal,
    )


def _either(parts: list[_Part]) -> _Part:
    words = [part.literal for part in parts if part.literal is not None]
    others = [part for part in parts if part.literal is None]
    nested = _most_nested(words)
    return _Part(
        first=frozenset[str]().union(*(part.first for part in parts)),
        varying=frozenset[str]().union(*(part.varying for part in parts)),
        size=sum(part.size for part in parts),
        ways=min(nested + sum(part.ways for part in others), MOST_WAYS + 1),
        repeats=max(part.repeats for part in parts),
        optional=any(part.optional for part in parts),
        forks=nested > 1 or any(part.forks for part in parts) or _overlap(words, others),
    )


def _most_nested(words: list[str]) -> int:
    """How many of the words can match at one position: of those that differ somewhere, only one."""
    return max((sum(word.startswith(other) for other in words) for word in words), default=0)


def _overlap(words: list[str], others: list[_Part]) -> bool:
    """Whether two alternatives can begin with the same character, words among themselves aside."""
    firsts = [frozenset(word[0] for word in words if word), *(part.first for part in others)]
    return sum(map(len, firsts)) > len(frozenset[str]().union(*firsts))


def _repeat(part: _Part, low: int, high: int) -> _Part:
    """Repeats are refused where one stretch of text could be divided among them in several ways."""
    if high > 1 and (part.forks or part.optional or part.varying & part.first):
        raise PatternError("repeats something that can match one text in several ways")
    times = max(low, 1) if high == _ENDLESS else high
    if part.repeats * times > _MOST_NESTED_REPEATS:
        raise PatternError(f"has repeats within repeats, more than {_MOST_NESTED_REPEATS:,} in all")
    return _Part(
        first=part.first,
        varying=part.varying | part.first if high > low else part.varying,
        size=part.size * times + 1,
        ways=min((high - low + 1) * part.ways, MOST_WAYS + 1),
        repeats=part.repeats * max(times, 1),
        optional=part.optional or low == 0,
        forks=part.forks,
    )
