"""Weighs pairs of records with Splink on DuckDB: the only module that knows Splink."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import combinations
from typing import Any

import duckdb
import pyarrow as pa
import splink.comparison_level_library as levels
import splink.comparison_library as compare
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from throughline.science.linkage.fields import Field, Kind, Values
from throughline.science.linkage.weights import LEAST_WEIGHT, Weighed

SEED = 20260301
PAIRS_SAMPLED = 1e6
ALL_PAIRS = 1_000_000
"""Up to so many pairs are all compared."""
PAIRS_PER_RECORD = 30
"""A rule of blocking that gives more than this, or a tenth of all pairs, is too coarse to be used."""
TENTH = 10
RECALL = 0.7
"""The share of matches that agree exactly on two telling fields."""
ID = "row"
SIMILAR_NAME = 0.85
Rule = tuple[str, ...]


def weigh(fields: Mapping[Field, Values]) -> Weighed:
    """The log2 odds that two rows are of one person, of all pairs that are not plainly of two.

    Nothing is known of pairs in a file too small to learn from, or where no field tells people apart.
    Fellegi & Sunter (1969): u is estimated on random pairs, m by expectation-maximization (Winkler 1988) on pairs
    that agree on some fields, in turn, so that each field is estimated where it was free to differ.
    """
    table = _table(fields)
    rules = _blocking_rules(table)
    comparisons = list(_comparisons(list(fields)))
    if not rules or len(comparisons) == 1:
        return Weighed.none()
    database = DuckDBAPI(duckdb.connect())
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name=ID,
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=_predicting(table, rules),
        retain_matching_columns=False,
    )
    linker = Linker([database.register(table)], settings, log_level=logging.ERROR)
    _train(linker, rules)
    found = linker.inference.predict(threshold_match_weight=LEAST_WEIGHT)
    query = f"SELECT {ID}_l, {ID}_r, match_weight FROM {found.physical_name} ORDER BY ALL"  # noqa: S608  our names
    return Weighed(*database.duckdb_con.execute(query).fetchnumpy().values())


def _table(fields: Mapping[Field, Values]) -> pa.Table:
    columns = {field.column: pa.array(values, pa.string()) for field, values in fields.items()}
    rows = len(next(iter(fields.values())))
    return pa.table({ID: pa.array(range(rows), pa.int64()), **columns})


def _train(linker: Any, rules: Sequence[Rule]) -> None:
    blocks = [block_on(*rule) for rule in rules]
    linker.training.estimate_probability_two_random_records_match(blocks, recall=RECALL)
    linker.training.estimate_u_using_random_sampling(max_pairs=PAIRS_SAMPLED, seed=SEED)
    for rule in _for_training(rules):
        # Where the matches of a small file never differ in some way, its m falls to 0, which Splink refuses:
        # the other rules, or else Splink's first guess, then say how often they do.
        with suppress(ValueError):
            linker.training.estimate_parameters_using_expectation_maximisation(
                block_on(*rule), record_sample_proportion=1.0
            )


def _for_training(rules: Sequence[Rule]) -> Iterator[Rule]:
    """A few rules that share no field."""
    used: set[str] = set()
    for rule in rules:
        if not used & set(rule):
            used |= set(rule)
            yield rule


def _comparisons(fields: Sequence[Field]) -> Iterator[Any]:
    whole = Field(Kind.GIVEN_NAME), Field(Kind.SURNAME)
    named = set(whole) <= set(fields)
    if named:
        yield _names(*(field.column for field in whole))
    for field in fields:
        if not (named and field in whole):
            yield _comparison(field.column, field.kind)


def _comparison(column: str, kind: Kind) -> Any:
    match kind:
        case Kind.GIVEN_NAME | Kind.SURNAME | Kind.NAME | Kind.ADDRESS:
            return compare.JaroWinklerAtThresholds(column, [0.92, 0.8])
        case Kind.CITY:
            return compare.JaroWinklerAtThresholds(column, [0.9, 0.75])
        case Kind.EMAIL:
            return compare.JaroWinklerAtThresholds(column, [0.95, 0.88, 0.8, 0.7])
        case Kind.NUMBER | Kind.PHONE | Kind.POSTCODE:
            return compare.DamerauLevenshteinAtThresholds(column, [1, 2])
        case Kind.BIRTH:
            return _days(column)
    return compare.ExactMatch(column)


def _names(given: str, surname: str) -> Any:
    """Both names as one field: they may have changed places, and one of them may be missing."""

    def similar(a: str, b: str) -> str:
        return f"jaro_winkler_similarity({a}_l, {b}_r) >= {SIMILAR_NAME}"

    def both(a: str, b: str) -> str:
        return f"{similar(given, a)} AND {similar(surname, b)}"

    def one(a: str, b: str) -> str:
        """One is similar, and the other isn't told."""
        return (
            f"({similar(given, a)} AND ({surname}_l IS NULL OR {b}_r IS NULL)) "
            f"OR ({similar(surname, b)} AND ({given}_l IS NULL OR {a}_r IS NULL))"
        )

    unknown = f"coalesce({given}_l, {surname}_l) IS NULL OR coalesce({given}_r, {surname}_r) IS NULL"
    conditions = [
        f"{given}_l = {given}_r AND {surname}_l = {surname}_r",
        f"{given}_l = {surname}_r AND {surname}_l = {given}_r",
        both(given, surname),
        both(surname, given),
        one(given, surname),
        one(surname, given),
        f"{surname}_l = {surname}_r",
        f"{given}_l = {given}_r",
    ]
    return compare.CustomComparison(
        output_column_name="names",
        comparison_levels=[
            levels.CustomLevel(unknown).configure(is_null_level=True),
            *map(levels.CustomLevel, conditions),
            levels.ElseLevel(),
        ],
    )


def _days(column: str) -> Any:
    """Days that differ by a slip of a key, or by a month, a year, a decade."""

    def within(days: int) -> Any:
        apart = f"date_diff('day', try_cast({column}_l AS date), try_cast({column}_r AS date))"
        return levels.CustomLevel(f"abs({apart}) <= {days}")

    return compare.CustomComparison(
        output_column_name=column,
        comparison_levels=[
            levels.NullLevel(column),
            levels.ExactMatchLevel(column),
            levels.DamerauLevenshteinLevel(column, 1),
            within(31),
            levels.DamerauLevenshteinLevel(column, 2),
            within(366),
            within(3660),
            levels.ElseLevel(),
        ],
    )


def _predicting(table: pa.Table, rules: Sequence[Rule]) -> list[Any]:
    if _all_pairs(table) <= ALL_PAIRS:
        return ["1=1"]
    swapped = Field(Kind.GIVEN_NAME).column, Field(Kind.SURNAME).column
    if not set(swapped) <= set(table.column_names):
        return [block_on(*rule) for rule in rules]
    given, surname = swapped
    return [
        *(block_on(*rule) for rule in rules),
        f"l.{given} = r.{surname} AND l.{surname} = r.{given}",
    ]


def _blocking_rules(table: pa.Table) -> list[Rule]:
    """Single fields that tell people apart, then pairs of the others; what would give too many pairs isn't used."""
    columns = [name for name in table.column_names if name != ID]
    most = min(PAIRS_PER_RECORD * table.num_rows, _all_pairs(table) // TENTH)
    single = [(column,) for column in columns if 0 < _pairs(table, (column,)) <= most]
    others = [column for column in columns if (column,) not in single]
    return single + [pair for pair in combinations(others, 2) if 0 < _pairs(table, pair) <= most]


def _all_pairs(table: pa.Table) -> int:
    return int(table.num_rows * (table.num_rows - 1) // 2)


def _pairs(table: pa.Table, columns: Rule) -> int:
    told = table.select(list(columns)).drop_null()
    sizes = told.group_by(list(columns)).aggregate([([], "count_all")])["count_all"].to_numpy()
    return int((sizes * (sizes - 1) // 2).sum())
