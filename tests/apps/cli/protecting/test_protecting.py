"""`throughline protect` and `throughline attack`: a table goes in, what may be published comes out, and holds."""

import csv
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from throughline.cli.commands import throughline
from throughline.cli.protecting import publishing
from throughline.cli.protecting.findings import Findings

TABLE = """\
ward,month,deaths
1,jan,3
1,feb,25
2,jan,31
2,feb,40
3,jan,22
3,feb,18
"""


def run(command: str, *arguments: object, dimensions: str = "ward,month") -> Result:
    about = ["--dimensions", dimensions, "--count", "deaths"]
    return CliRunner().invoke(throughline, [command, *map(str, arguments), *about])


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return written(tmp_path / "deaths.csv", TABLE)


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def rows(path: Path) -> dict[tuple[str, ...], tuple[str, str]]:
    with path.open(newline="") as file:
        return {tuple(labels): (count, status) for *labels, count, status in list(csv.reader(file))[1:]}


def test_a_small_count_is_withheld_with_what_would_give_it_away(table: Path, tmp_path: Path) -> None:
    result = run("protect", table, "--out", tmp_path / "out.csv")

    assert result.exit_code == 0, result.output
    assert "12 cells, 8 published, 1 withheld as small, 3 withheld to hide those." in result.output
    released = rows(tmp_path / "out.csv")
    assert released["1", "jan"] == ("", "primary")
    assert released["1", "feb"] == ("", "complementary")
    assert released["2", "ALL"] == ("71", "published")
    assert released["ALL", "ALL"] == ("139", "published")


def test_what_was_protected_withstands_the_attack(table: Path, tmp_path: Path) -> None:
    run("protect", table, "--out", tmp_path / "out.csv")

    result = run("attack", tmp_path / "out.csv")

    assert result.exit_code == 0
    assert "4 withheld counts; 0 worked out exactly, 0 known to be under 10." in result.output


def test_an_attack_finds_what_primary_suppression_alone_leaves_open(table: Path, tmp_path: Path) -> None:
    run("protect", table, "--out", tmp_path / "out.csv")
    everything = {("1", "feb"): 25, ("2", "jan"): 31, ("2", "feb"): 40, ("3", "jan"): 22, ("3", "feb"): 18}
    released = rows(tmp_path / "out.csv")
    lines = [
        f"{','.join(labels)},{count or everything.get(labels, '')}" for labels, (count, _) in released.items()
    ]
    naive = written(tmp_path / "naive.csv", "\n".join(["ward,month,deaths", *lines]))

    result = run("attack", naive)

    assert result.exit_code == 1
    assert "1 withheld counts; 1 worked out exactly" in result.output
    assert "  1, jan: 3" in result.output


def test_rows_of_one_combination_are_added_and_missing_ones_count_nothing(tmp_path: Path) -> None:
    table = written(tmp_path / "t.csv", "ward,month,deaths\n1,jan,10\n1,jan,5\n2,feb,30\n")

    run("protect", table, "--out", tmp_path / "out.csv")

    released = rows(tmp_path / "out.csv")
    assert released["1", "jan"] == ("15", "published")
    assert released["1", "feb"] == ("0", "published")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("ward,month,deaths\n1,jan,-3\n", "line 2: deaths: '-3'. Expected a whole number of 0 or more."),
        ("ward,month,deaths\n1,jan,2.5\n", "line 2: deaths: '2.5'. Expected a whole number"),
        ("ward,month,deaths\n1,jan,\n", "line 2: deaths: ''. Expected a whole number"),
        ("ward,month,deaths\n,jan,3\n", "line 2: ward: ''. Expected a value in every dimension."),
        ("ward,month,deaths\n1,ALL,3\n", "line 2: month: 'ALL'. Expected no sums"),
        ("ward,month,deaths\n1,jan\n", "line 2: 2 cells. Expected 3, as in the header."),
        ("ward,deaths\n1,3\n", "no columns 'month'. Expected one; the header holds 'ward, deaths'."),
        ("ward,month,month,deaths\n1,2,3,3\n", "2 columns 'month'. Expected one"),
        ("ward,month,deaths\n", "no rows. Expected a header and one row for each combination."),
        ('ward,month,deaths\n1,"jan,3\n', "Expected quotation marks in pairs."),
        ("", "no columns 'ward'"),
    ],
)
def test_a_table_that_is_none_is_refused_in_one_line(tmp_path: Path, text: str, complaint: str) -> None:
    result = run("protect", written(tmp_path / "t.csv", text), "--out", tmp_path / "out.csv")

    assert result.exit_code == 2
    assert complaint in result.output
    assert result.output.count("\n") == 1
    assert not (tmp_path / "out.csv").exists()


def test_other_mistakes_are_told(table: Path, tmp_path: Path) -> None:
    assert "Expected names that differ" in run("protect", table, "--out", "x", dimensions="ward,ward").output
    assert "in a folder that exists" in run("protect", table, "--out", tmp_path / "no" / "x.csv").output
    assert "is named twice" in run("protect", table, "--out", table).output
    missing = run("protect", tmp_path / "gone.csv", "--out", tmp_path / "x.csv")
    assert missing.exit_code == 2
    assert "gone.csv" in missing.output


def test_a_release_must_be_complete_and_add_up(table: Path, tmp_path: Path) -> None:
    run("protect", table, "--out", tmp_path / "out.csv")
    text = (tmp_path / "out.csv").read_text()
    short = written(tmp_path / "short.csv", text.replace("2,ALL,71,published\n", ""))
    wrong = written(tmp_path / "wrong.csv", text.replace("2,ALL,71", "2,ALL,10"))
    twice = written(tmp_path / "twice.csv", text + "2,ALL,71,published\n")

    assert "no row for 2, ALL. Expected every combination" in run("attack", short).output
    more = written(tmp_path / "more.csv", text + "South,ALL,12,published\n")
    assert "line 14: South, ALL. Expected no sum of what has no row itself." in run("attack", more).output
    assert "The published counts do not add up" in run("attack", wrong).output
    assert "line 14: a row for 2, ALL. Expected one; line 7 holds it already." in run("attack", twice).output


def test_a_table_that_is_too_large_is_refused_before_any_work(tmp_path: Path) -> None:
    lines = "".join(f"{ward},{ward},20\n" for ward in range(400))
    result = run(
        "protect", written(tmp_path / "t.csv", "ward,month,deaths\n" + lines), "--out", tmp_path / "x.csv"
    )

    assert "160,000 combinations. Expected 100,000 at most" in result.output


NEXT = """\
ward,month,deaths
1,feb,25
1,mar,30
2,feb,40
2,mar,35
3,feb,18
3,mar,26
"""


class TestReleasesOneAfterTheOther:
    """January and February are published, then February and March."""

    @pytest.fixture
    def first(self, table: Path, tmp_path: Path) -> Path:
        run("protect", table, "--out", tmp_path / "first.csv")
        return tmp_path / "first.csv"

    @pytest.fixture
    def later(self, tmp_path: Path) -> Path:
        return written(tmp_path / "next.csv", NEXT)

    def test_two_tables_that_are_safe_alone_give_a_count_away_together(
        self, first: Path, later: Path, tmp_path: Path
    ) -> None:
        """The later table shows the February that hid ward 1's January."""
        run("protect", later, "--out", tmp_path / "second.csv")

        result = run("attack", first, tmp_path / "second.csv")

        assert result.exit_code == 1
        assert result.output.count("0 worked out exactly, 0 known to be under 10") == 2
        assert "Together: 2 withheld counts; 2 worked out exactly" in result.output
        assert "  1, jan: 3" in result.output

    def test_the_later_one_hides_it_if_it_is_told_of_the_first(
        self, first: Path, later: Path, tmp_path: Path
    ) -> None:
        result = run("protect", later, "--given", first, "--out", tmp_path / "second.csv")

        assert result.exit_code == 0, result.output
        assert rows(tmp_path / "second.csv")["1", "feb"] == ("", "complementary")
        attacked = run("attack", first, tmp_path / "second.csv")
        assert attacked.exit_code == 0, attacked.output
        assert attacked.output.count("0 worked out exactly, 0 known to be under 10") == 3

    def test_counts_that_were_corrected_since_are_refused(self, first: Path, tmp_path: Path) -> None:
        later = written(tmp_path / "next.csv", NEXT.replace("2,feb,40", "2,feb,41"))

        result = run("protect", later, "--given", first, "--out", tmp_path / "second.csv")

        assert result.exit_code == 2
        assert "2, feb counts 41, and was published as 40." in result.output
        assert not (tmp_path / "second.csv").exists()

    def test_counts_that_an_earlier_release_gives_away_are_told(
        self, first: Path, table: Path, tmp_path: Path
    ) -> None:
        text = first.read_text().replace("1,feb,,", "1,feb,25,")
        naive = written(
            tmp_path / "naive.csv", text.replace("3,jan,,", "3,jan,22,").replace("3,feb,,", "3,feb,18,")
        )

        result = run("protect", table, "--given", naive, "--out", tmp_path / "second.csv")

        assert result.exit_code == 2
        assert "1 small counts can be bounded whatever is withheld now, such as 1, jan." in result.output

    def test_files_that_tell_different_counts_are_a_finding(self, first: Path, tmp_path: Path) -> None:
        text = first.read_text()
        other = text.replace("2,feb,40", "2,feb,41").replace("2,ALL,71", "2,ALL,72")
        other = other.replace("ALL,feb,83", "ALL,feb,84").replace("ALL,ALL,139", "ALL,ALL,140")

        result = run("attack", first, written(tmp_path / "other.csv", other))

        assert result.exit_code == 1
        assert "2, feb: 40 in one file, 41 in another" in result.output


class TestGroups:
    DISTRICTS = "ward,district\n1,North\n2,North\n3,South\n"

    def test_groups_have_sums_and_hold_against_an_attack(self, table: Path, tmp_path: Path) -> None:
        groups = written(tmp_path / "groups.csv", self.DISTRICTS)

        run("protect", table, "--hierarchy", groups, "--out", tmp_path / "out.csv")

        released = rows(tmp_path / "out.csv")
        assert released["North", "ALL"] == ("99", "published")
        assert released["South", "jan"] == released["3", "jan"]
        assert run("attack", tmp_path / "out.csv", "--hierarchy", groups).exit_code == 0

    @pytest.mark.parametrize(
        ("text", "complaint"),
        [
            ("place,district\n1,North\n", "columns 'place, district'. Expected one of ward, month first"),
            ("ward\n1\n", "then a column for each level of groups."),
            (
                "ward,district\n1,North\n1,South\n",
                "line 2: '1, North'. Expected a label once, and its groups.",
            ),
            ("ward,district\n1,2\n2,2\n", "line 2: district: '2'. Expected a name that nothing else has."),
            (
                "ward,district,side\n1,North,North\n",
                "line 2: side: 'North'. Expected a name that nothing else",
            ),
            ("", "columns ''. Expected one of ward, month first"),
            ('ward,district\n1,"North\n', "Expected quotation marks in pairs."),
            ("ward,district\n1,ALL\n", "line 2: district: 'ALL'. Expected a name that nothing else has."),
        ],
    )
    def test_groups_that_make_no_sense_are_refused(
        self, table: Path, tmp_path: Path, text: str, complaint: str
    ) -> None:
        groups = written(tmp_path / "groups.csv", text)

        result = run("protect", table, "--hierarchy", groups, "--out", tmp_path / "out.csv")

        assert result.exit_code == 2
        assert complaint in result.output

    def test_two_files_about_one_dimension_are_refused(self, table: Path, tmp_path: Path) -> None:
        groups = written(tmp_path / "groups.csv", self.DISTRICTS)

        result = run(
            "protect", table, "--hierarchy", groups, "--hierarchy", groups, "--out", tmp_path / "out.csv"
        )

        assert "two files about one dimension" in result.output

    def test_a_group_is_no_label(self, table: Path, tmp_path: Path) -> None:
        groups = written(tmp_path / "groups.csv", "ward,district\n7,1\n")

        result = run("protect", table, "--hierarchy", groups, "--out", tmp_path / "out.csv")

        assert "line 2: ward: '1'. Expected no sums" in result.output


@pytest.mark.slow
def test_three_dimensions_hold_against_an_attack(tmp_path: Path) -> None:
    draw = np.random.default_rng(7)
    lines = "".join(
        f"{ward},{age},{sex},{draw.poisson(draw.gamma(1, 25))}\n"
        for ward in range(40)
        for age in range(6)
        for sex in "fm"
    )
    table = written(tmp_path / "t.csv", "ward,age,sex,deaths\n" + lines)

    run("protect", table, "--out", tmp_path / "out.csv", dimensions="ward,age,sex")
    result = run("attack", tmp_path / "out.csv", dimensions="ward,age,sex")

    assert result.exit_code == 0, result.output
    assert "0 worked out exactly, 0 known to be under 10" in result.output


class TestContributors:
    """Two agencies send; the larger one could take off what it sent."""

    SENT = """\
agency,ward,month,deaths
fire,1,jan,40
police,1,jan,3
fire,1,feb,30
police,1,feb,20
fire,2,jan,30
police,2,jan,25
fire,2,feb,35
police,2,feb,40
"""

    @pytest.fixture
    def sent(self, tmp_path: Path) -> Path:
        return written(tmp_path / "sent.csv", self.SENT)

    @pytest.fixture
    def fire(self, tmp_path: Path) -> Path:
        lines = [line.partition(",")[2] for line in self.SENT.splitlines() if not line.startswith("police")]
        return written(tmp_path / "fire.csv", "\n".join(lines))

    def test_without_the_column_a_contributor_learns_what_the_other_sent(
        self, sent: Path, fire: Path, tmp_path: Path
    ) -> None:
        run("protect", sent, "--out", tmp_path / "out.csv")

        result = run("attack", tmp_path / "out.csv", "--insider", fire)

        assert result.exit_code == 1
        assert "1 under 10 that nobody withheld." in result.output
        assert "  1, jan: 3" in result.output

    def test_with_it_nobody_does(self, sent: Path, fire: Path, tmp_path: Path) -> None:
        run("protect", sent, "--contributor", "agency", "--out", tmp_path / "out.csv")

        assert rows(tmp_path / "out.csv")["1", "jan"] == ("", "primary")
        assert run("attack", tmp_path / "out.csv").exit_code == 0
        assert run("attack", tmp_path / "out.csv", "--insider", fire).exit_code == 0

    def test_rows_of_nobody_are_refused(self, sent: Path, tmp_path: Path) -> None:
        text = self.SENT.replace("police,2,feb", ",2,feb")

        result = run("protect", written(sent, text), "--contributor", "agency", "--out", tmp_path / "out.csv")

        assert "line 9: agency: ''. Expected who sent the row." in result.output

    def test_an_insider_who_sent_more_than_was_published_is_none(
        self, sent: Path, fire: Path, tmp_path: Path
    ) -> None:
        run("protect", fire, "--out", tmp_path / "out.csv")
        everything = written(tmp_path / "all.csv", sent.read_text().replace("agency,", "from,"))

        result = run("attack", tmp_path / "out.csv", "--insider", everything)

        assert "Expected what one contributor sent of it." in result.output


class TestPublishing:
    def test_everybody_gets_the_table_without_its_statuses_and_a_manifest(
        self, table: Path, tmp_path: Path
    ) -> None:
        result = run("protect", table, "--out", tmp_path / "out.csv", "--publish", tmp_path / "public")

        assert result.exit_code == 0, result.output
        text = (tmp_path / "public" / "table.csv").read_text()
        assert text.splitlines()[:2] == ["ward,month,deaths", "1,jan,"]
        manifest = json.loads((tmp_path / "public" / "manifest.json").read_text())
        assert manifest["table"]["sha256"] == hashlib.sha256(text.encode()).hexdigest()
        assert (manifest["cells"], manifest["withheld"], manifest["minimum_cell"]) == (12, 4, 10)
        assert manifest["audit"] == ["4 withheld counts; 0 worked out exactly, 0 known to be under 10."]

    def test_the_earlier_releases_are_in_the_manifest_and_in_the_attack(
        self, table: Path, tmp_path: Path
    ) -> None:
        first, later = tmp_path / "first.csv", written(tmp_path / "next.csv", NEXT)
        run("protect", table, "--out", first)

        run(
            "protect",
            later,
            "--given",
            first,
            "--out",
            tmp_path / "out.csv",
            "--publish",
            tmp_path / "public",
        )

        manifest = json.loads((tmp_path / "public" / "manifest.json").read_text())
        public = "".join(f"{line.rpartition(',')[0]}\n" for line in first.read_text().splitlines())
        assert manifest["earlier"] == [
            {"file": "first.csv", "sha256": hashlib.sha256(public.encode()).hexdigest()}
        ]
        assert len(manifest["audit"]) == 3

    def test_what_the_attack_beats_is_not_published(
        self, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        beaten = Findings("Together", "1 worked out.", ("1, jan: 3",))
        monkeypatch.setattr(publishing, "findings", lambda *_: [beaten])

        result = run("protect", table, "--out", tmp_path / "out.csv", "--publish", tmp_path / "public")

        assert result.exit_code == 2
        assert "the attack on it found '1, jan: 3'. Nothing is published." in result.output
        assert list((tmp_path / "public").iterdir()) == []


class TestPlanning:
    """Four wards in two districts; most months of a ward are small, a district's are not."""

    DISTRICTS = "ward,district\n1,North\n2,North\n3,South\n4,South\n"

    @pytest.fixture
    def fine(self, tmp_path: Path) -> Path:
        lines = [f"{ward},{month},{6 + ward}" for ward in range(1, 5) for month in ("jan", "feb", "mar")]
        return written(tmp_path / "fine.csv", "\n".join(["ward,month,deaths", *lines]))

    def test_a_coarser_design_is_proposed_where_too_much_would_be_withheld(
        self, fine: Path, tmp_path: Path
    ) -> None:
        groups = written(tmp_path / "groups.csv", self.DISTRICTS)

        result = run("plan-release", fine, "--hierarchy", groups)

        assert "  ward, month: 12 combinations, 9 of 20 filled cells small (45%)" in result.output
        assert "* ward by district, month: 6 combinations, 0 of 12 filled cells small (0%)" in result.output
        assert "As asked, 45% would be small. Proposed instead: ward by district, month." in result.output

    def test_a_table_that_is_fine_is_left_as_it_is(self, fine: Path) -> None:
        assert "publish it like this" in run("plan-release", fine, "--threshold", 5).output

    def test_where_nothing_helps_it_says_so(self, fine: Path) -> None:
        assert "count more people, or longer" in run("plan-release", fine, "--threshold", 500).output


class TestRates:
    """A ward of 48,000 people with 3 deaths has a rate of 6.3 per 100,000; so has no other count."""

    def released(self, tmp_path: Path, rate: str = "6.3") -> Path:
        lines = [f"1,{rate},48000,", "2,0,9000000,", "3,,90000,40", "ALL,,9138000,"]
        return written(tmp_path / "rates.csv", "\n".join(["ward,rate,people,deaths", *lines]))

    def test_a_rate_beside_a_withheld_count_gives_it_away(self, tmp_path: Path) -> None:
        result = run("attack", self.released(tmp_path), "--rates", "rate", "people", dimensions="ward")

        assert result.exit_code == 1
        assert "1 withheld counts told by their rates." in result.output
        assert "  1: 3, from the rate 6.3" in result.output
        assert "2: " not in result.output  # from 0 to 45 of nine million round to 0

    def test_a_rate_that_is_none_is_named(self, tmp_path: Path) -> None:
        released = self.released(tmp_path, rate="high")

        result = run("attack", released, "--rates", "rate", "people", dimensions="ward")

        assert result.exit_code == 2
        assert "line 2: rate: 'high'. Expected a number of 0 or more." in result.output
