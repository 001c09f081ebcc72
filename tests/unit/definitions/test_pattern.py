"""Patterns mean the same in every engine and end soon, or are refused."""

import re
from time import process_time

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from throughline.definitions.context import known_rules
from throughline.definitions.pattern import PatternError, can_match_nothing, compile_pattern

PIECES = st.sampled_from(
    [
        *(
            "a",
            "b",
            " ",
            ".",
            "^",
            "$",
            "|",
            "(",
            "(?:",
            ")",
            "[ab]",
            "[^a]",
            "[a-c1]",
            r"\b",
            r"\d",
            r"\w",
            r"\s",
        ),
        *(
            "*",
            "+",
            "?",
            "{2}",
            "{1,3}",
            "{2,}",
            "{40}",
            "{40,}",
            r"\.",
            r"\|",
            r"\(",
            "-",
            "'",
            "/",
            "#",
            "]",
            "}",
            "=",
            "&",
        ),
    ]
)


@pytest.mark.parametrize(
    ("pattern", "complaint"),
    [
        ("a(?=b)", "looks around"),
        ("a(?!b)", "looks around"),
        ("(?<=a)b", "looks around"),
        ("(?i)a", "sets flags"),
        ("(?P<name>a)", "has a name"),
        (r"(a)\1", r"has \\1"),
        (r"\ba\Z", r"has \\Z"),
        (r"\<a", r"has \\<"),
        ("a*?", "lazy"),
        ("a++", "possessive"),
        ("a{1,2}{3}", "doubled"),
        ("[[:alpha:]]", r"has '\['"),
        ("[a&&b]", "has '&'"),
        ("é", "no printable ASCII"),
        ("a\nb", "no printable ASCII"),
        ("(a", "without its"),
        ("a)", "without its"),
        ("a|*", "needs a backslash"),
        ("[", "ends too early"),
        ("[]", "class of nothing"),
        ("[z-a]", "goes nowhere"),
        ("a{3,2}", "repeat"),
        ("a{500}", "at most 200"),
        ("a" * 10_001, "more than 10,000"),
        ("(" * 30 + "a" + ")" * 30, "more than 20 deep"),
        ("(a+)+", "several ways"),
        ("(a*)*", "several ways"),
        ("(a|a)*b", "several ways"),
        ("(a|ab){2,}", "several ways"),
        ("(?:[a-z]{1,30} ?){0,6}", "several ways"),
        (".*a.*b", "too long"),
        ("(?:a{40}){40}", "repeats within repeats"),  # RE2 takes 1,000 in all
        ("(?:a{40}b){40,}", "repeats within repeats"),
        ("(?:[a-z]{200}){5}" * 30, "too long"),
    ],
)
def test_what_engines_read_differently_or_could_take_too_long_is_refused(pattern, complaint):
    with pytest.raises(PatternError, match=complaint):
        compile_pattern(pattern)


def test_words_behind_a_separator_may_repeat():
    assert compile_pattern(r"\bno\b(?:(?:, | )[a-z]{1,30}){0,6}")
    assert compile_pattern(r"(?: (?:had|has|high|on)){0,5}")


@given(st.lists(PIECES, min_size=1, max_size=12).map("".join), st.text("ab1 .-'", max_size=12))
def test_what_is_accepted_matches_alike_in_re2(pattern, text):
    try:
        compiled = compile_pattern(pattern)
    except PatternError:
        return
    found, replaced = duckdb.execute(
        "SELECT regexp_matches($1, $2), regexp_replace($1, $2, '_', 'g')", [text, pattern]
    ).fetchone()
    assert found == (compiled.search(text) is not None)
    if not can_match_nothing(pattern):
        assert replaced == compiled.sub("_", text)


def is_accepted(pattern: str) -> bool:
    try:
        return bool(compile_pattern(pattern))
    except PatternError:
        return False


PATTERNS = st.lists(PIECES, min_size=1, max_size=6).map("".join)


@settings(max_examples=5)
@given(st.lists(st.tuples(PATTERNS, st.text("ab1 .-'", max_size=12)), min_size=60, max_size=90))
def test_what_is_accepted_matches_alike_on_spark(spark_session, tried):
    from pyspark.sql import functions as f

    pairs = [("a", "b"), *((pattern, text) for pattern, text in tried if is_accepted(pattern))]

    searched = [f.rlike(f.lit(text), f.lit(pattern)) for pattern, text in pairs]
    replaced = [f.regexp_replace(f.lit(text), f.lit(pattern), f.lit("_")) for pattern, text in pairs]
    columns = [column.alias(f"c{number}") for number, column in enumerate(searched + replaced)]
    found = list(spark_session.range(1).select(*columns).collect()[0])
    assert found[: len(pairs)] == [
        compile_pattern(pattern).search(text) is not None for pattern, text in pairs
    ]
    for (pattern, text), after in zip(pairs, found[len(pairs) :], strict=True):
        if not can_match_nothing(pattern):
            assert after == compile_pattern(pattern).sub("_", text)


@given(st.text("ab()[]{}|*+?^$.\\-,1", max_size=20))
def test_what_python_can_not_compile_is_never_accepted(pattern):
    try:
        compile_pattern(pattern)
    except PatternError:
        return
    re.compile(pattern)


@pytest.mark.parametrize("text", ["no " * 6_000, "a" * 20_000, "mother " * 3_000, "narcan , " * 2_000])
def test_the_shipped_rules_end_soon_on_texts_made_to_delay_them(text):
    began = process_time()
    for steps in known_rules().values():
        for step in steps:
            step.apply(text)
    assert process_time() - began < 5


def test_no_shipped_rule_can_match_nothing():
    patterns = [step.pattern for steps in known_rules().values() for step in steps]
    assert len(patterns) > 25
    assert not any(map(can_match_nothing, patterns))
