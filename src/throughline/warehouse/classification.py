"""Turns a case definition into SQL of DuckDB, so that events are classified where they lie."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from throughline.definitions import Criterion, Definition
from throughline.definitions.context import Step
from throughline.definitions.definition import CodeTest, FieldTest, Test, TextTest
from throughline.definitions.folding import FOLDING, LONGEST_TEXT
from throughline.formats.event import EVENT_FIELDS, OVERDOSE, Kind


@dataclass(frozen=True, slots=True)
class Cases:
    """Definitions as SQL over a table of events.

    `meets` is a list that says of a row which definitions it meets, in their order. `candidates` are queries for
    the `key` of rows; `{events}` in them stands for the table. A row that meets a definition is among what they
    find. They are cheap, `meets` need not be.
    """

    fields: frozenset[str]
    meets: str
    candidates: tuple[str, ...]
    parameters: Mapping[str, Any]


def elements_of(definitions: Iterable[Definition]) -> frozenset[str]:
    """The elements whose codes the definitions look at."""
    tests = (test for definition in definitions for test in definition.tests if isinstance(test, CodeTest))
    return frozenset[str]().union(*(test.elements for test in tests))


def compile_cases(
    definitions: Sequence[Definition], entries: Iterable[str], *, with_candidates: bool
) -> Cases:
    """Definitions as SQL; `entries` are all that occur (`element=code`) of the elements they look at.

    Patterns on codes run here, once for each code that occurs; in the warehouse only equal texts are looked for.
    """
    compiler = _Compiler(tuple(entries))
    conditions = ", ".join(map(compiler.definition, definitions))
    anchors = [cheapest(criterion.every) for each in definitions for criterion in each.criteria]
    candidates = tuple(compiler.candidates(anchors)) if with_candidates else ()
    fields = frozenset[str]().union(*(definition.fields for definition in definitions))
    return Cases(fields, f"[{conditions}]", candidates, compiler.parameters)


def cheapest(tests: Iterable[Test]) -> Test:
    """The test to begin with: codes are found faster than words, and words are rarer than the values of a field."""
    order = [CodeTest, TextTest, FieldTest]
    return min(tests, key=lambda test: order.index(type(test)))


class _Compiler:
    """Writes one condition per test, and collects the values that they name."""

    def __init__(self, entries: tuple[str, ...]) -> None:
        self._entries = entries
        self.parameters: dict[str, Any] = {}

    def _parameter(self, value: Any) -> str:
        name = f"case_{len(self.parameters)}"
        self.parameters[name] = value
        return f"${name}"

    def definition(self, definition: Definition) -> str:
        condition = "(" + " OR ".join(map(self._criterion, definition.criteria)) + ")"
        if definition.measures:
            measures = self._parameter(sorted(definition.measures))
            condition += f" AND list_contains({measures}, coalesce(measure, '{OVERDOSE}'))"
        return condition

    def _criterion(self, criterion: Criterion) -> str:
        terms = [self._condition(test) for test in criterion.every]
        terms += [f"NOT {self._condition(test)}" for test in criterion.none]
        return "(" + " AND ".join(terms) + ")"

    def candidates(self, tests: Sequence[Test]) -> Iterator[str]:
        """One query for all tests of a kind, since each reads all rows. Words are searched in the text as written."""
        if codes := [test for test in tests if isinstance(test, CodeTest)]:
            entries = "(SELECT key, unnest(codes) AS entry FROM {events})"
            accepted = f"(SELECT unnest({self._accepted(*codes)}) AS entry)"
            yield f"SELECT key FROM {entries} SEMI JOIN {accepted} USING (entry)"  # noqa: S608
        if texts := [test for test in tests if isinstance(test, TextTest)]:
            entries = "(SELECT key, unnest(texts) AS entry FROM {events})"
            elements = frozenset[str]().union(*(test.elements for test in texts))
            plain = TextTest(elements, "|".join(dict.fromkeys(test.pattern for test in texts)))
            yield f"SELECT key FROM {entries} WHERE {self._found('entry', plain)}"  # noqa: S608
        if fields := [test for test in tests if isinstance(test, FieldTest)]:
            yield f"SELECT key FROM {{events}} WHERE {' OR '.join(map(self._condition, fields))}"  # noqa: S608

    def _condition(self, test: Test) -> str:
        """Never NULL: a field that an older file lacks has nothing in it."""
        match test:
            case CodeTest():
                return f"coalesce(list_has_any(codes, {self._accepted(test)}), false)"
            case TextTest():
                return f"coalesce(len(list_filter(texts, lambda entry: {self._found('entry', test)})) > 0, false)"
            case FieldTest():
                values = self._parameter(sorted(test.values))
                several = EVENT_FIELDS[test.name].kind is Kind.TEXTS
                holds = (
                    f"list_has_any({test.name}, {values})"
                    if several
                    else f"list_contains({values}, {test.name})"
                )
                return f"coalesce({holds}, false)"

    def _accepted(self, *tests: CodeTest) -> str:
        accepted = [entry for entry in self._entries if any(test.accepts(entry) for test in tests)]
        return self._parameter(accepted) + "::VARCHAR[]"

    def _found(self, entry: str, test: TextTest) -> str:
        """Most texts lack the words: only where they are, the costly steps are taken."""
        elements, pattern = self._parameter(sorted(test.elements)), self._parameter(test.pattern)
        folded = f"folded({entry})"
        found = f"regexp_matches({folded}, {pattern})"
        if test.steps:
            left = self._remaining(folded, test.steps)
            found = f"CASE WHEN {found} THEN regexp_matches({left}, {pattern}) ELSE false END"
        return f"CASE WHEN list_contains({elements}, split_part({entry}, '=', 1)) THEN {found} ELSE false END"

    def _remaining(self, text: str, steps: Iterable[Step]) -> str:
        for step in steps:
            pattern, replacement = _substitution(step)
            text = f"regexp_replace({text}, {self._parameter(pattern)}, {self._parameter(replacement)}, 'g')"
        return text


def folded_macro() -> str:
    """SQL that makes `folded(entry)`: the text behind an entry's element, as `folding.folded_text` folds it.

    Most texts have nothing to replace, which one search tells.
    """
    text = f"left(substr(entry, length(split_part(entry, '=', 1)) + 2), {LONGEST_TEXT})"
    replaced = text
    for pattern, replacement in FOLDING:
        replaced = f"regexp_replace({replaced}, {_quoted(pattern)}, {_quoted(replacement)}, 'g')"
    any_pattern = _quoted("|".join(pattern for pattern, _ in FOLDING))
    return (
        "CREATE MACRO folded(entry) AS "
        f"lower(CASE WHEN regexp_matches(entry, {any_pattern}) THEN {replaced} ELSE {text} END)"
    )


def _substitution(step: Step) -> tuple[str, str]:
    return (f"({step.pattern})", step.replacement + r"\1") if step.keeps else (step.pattern, step.replacement)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
