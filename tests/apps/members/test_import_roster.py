"""Importing a roster: who comes in, what is refused, and why."""

import io
import re
from datetime import UTC, datetime
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from factories import make_group, make_organization, make_person, make_place, make_seat, person_with
from openpyxl import Workbook

from throughline.formats.faults import UnreadableFile
from throughline.ledger.models import Entry
from throughline.members.accounts.models import Person
from throughline.members.groups.models import Group, Seat
from throughline.members.groups.roster.actions import RosterReceipt, import_roster
from throughline.members.groups.roster.rows import MOST_ROWS, read_roster
from throughline.members.organizations.models import Organization

AT = datetime(2026, 3, 7, 9, tzinfo=UTC)
HEADER = "full_name,email,organization,sector,group,seat,role,deputy"
ANA = "Ana Ruiz,ana@example.org,EMS North,ems,Treatment,EMS,responder,bo@example.org"
BO = "Bo Lind,bo@example.org,EMS North,,,,,"

pytestmark = pytest.mark.django_db


@pytest.fixture
def bring(tmp_path):
    """`bring(HEADER, ANA)` imports a roster of those lines."""

    def bring(*lines: str, **options) -> RosterReceipt:
        path = tmp_path / "roster.csv"
        path.write_text("\n".join(lines))
        return import_roster(table=read_roster(path), **{"by": "system:test", "at": AT} | options)

    return bring


def faults(receipt: RosterReceipt) -> list[str]:
    return [str(fault).removeprefix("roster.csv, ") for fault in receipt.faults]


class TestWhatComesIn:
    def test_people_with_organization_group_seat_and_deputy(self, bring):
        assert bring(HEADER, ANA, BO).done == {
            "organizations_added": 1,
            "people_added": 2,
            "groups_added": 1,
            "seats_added": 1,
        }
        seat = Seat.objects.get()
        assert (seat.title, seat.role, seat.group.name, seat.group.kind) == (
            "EMS",
            "responder",
            "Treatment",
            "strategy",
        )
        assert (seat.holder.full_name, seat.deputy.full_name) == ("Ana Ruiz", "Bo Lind")
        assert (seat.holder.organization.name, seat.holder.organization.sector) == ("EMS North", "ems")
        assert not seat.holder.has_usable_password()

    def test_the_other_columns(self, bring):
        place = make_place(code="17031")
        bring(
            "full_name,phone,language,organization,sector,jurisdiction,group,group_kind,role",
            "Ana Ruiz,+1 312 555 0100,es,EMS North,ems,17031,Desk,agency,data_steward",
        )
        person, seat = Person.objects.get(), Seat.objects.get()
        assert (person.phone, person.language, person.email) == ("+1 312 555 0100", "es", None)
        assert person.organization.jurisdiction == place
        assert (seat.group.kind, seat.title) == ("agency", "Data steward")

    def test_columns_and_choices_in_the_words_that_people_use(self, bring):
        bring("Full Name,E-mail,Organization,Sector", "Ana Ruiz,x,EMS North,Emergency medical services")
        assert Organization.objects.get().sector == "ems"

    def test_a_person_may_have_a_row_for_each_seat(self, bring):
        other = "Ana Ruiz,ana@example.org,EMS North,ems,Prevention,EMS,member,"
        bring(HEADER, ANA, other, BO)
        assert Person.objects.get(email="ana@example.org").seats_held.count() == 2

    def test_excel_does_as_well(self, tmp_path):
        workbook = Workbook()
        for line in (HEADER, ANA, BO):
            workbook.active.append(line.split(","))
        workbook.save(tmp_path / "roster.xlsx")
        import_roster(table=read_roster(tmp_path / "roster.xlsx"), by="system:test", at=AT)
        assert Person.objects.count() == 2

    def test_semicolons_do_as_well(self, bring):
        assert bring("full_name;email", "Ana Ruiz;ana@example.org").done == {"people_added": 1}

    def test_it_is_one_entry_in_the_ledger_that_names_nobody(self, bring):
        bring(HEADER, ANA, BO)
        entry = Entry.objects.get()
        assert entry.verb == "import_roster"
        assert (entry.detail["rows"], entry.detail["people_added"]) == (2, 2)
        assert "Ana" not in str(entry.detail)

    def test_three_hundred_people_take_a_bounded_number_of_queries(
        self, bring, django_assert_max_num_queries
    ):
        lines = [
            f"Person {n},p{n}@example.org,Agency {n % 40},ems,Group {n % 7},Seat {n},member,"
            for n in range(300)
        ]
        with django_assert_max_num_queries(3 * 350):
            assert bring(HEADER, *lines).done["people_added"] == 300
        with django_assert_max_num_queries(20):
            assert bring(HEADER, *lines).done == {}


class TestAgain:
    def test_the_same_roster_changes_nothing_and_leaves_no_entry(self, bring):
        bring(HEADER, ANA, BO)
        assert bring(HEADER, ANA, BO).done == {}
        assert Entry.objects.count() == 1

    def test_people_are_matched_by_e_mail_and_then_renamed(self, bring):
        make_person(full_name="Ana Diaz", email="ana@example.org")
        bring("full_name,email", "Ana Ruiz,ANA@example.org")
        assert Person.objects.get().full_name == "Ana Ruiz"

    def test_without_e_mail_they_are_matched_by_name_and_organization(self, bring):
        organization = make_organization(name="EMS North")
        known = make_person(full_name="Ana Ruiz", email=None, organization=organization)
        bring("full_name,organization,phone", "ana ruiz,ems north,555")
        assert Person.objects.get() == known
        assert Person.objects.get().phone == "555"

    def test_who_gets_an_e_mail_address_stays_the_same_person(self, bring):
        bring("full_name", "Ana Ruiz")
        bring("full_name,email", "Ana Ruiz,ana@example.org")
        assert Person.objects.get().email == "ana@example.org"

    def test_a_namesake_with_another_address_is_someone_else(self, bring):
        make_person(full_name="Ana Ruiz", email="ana@example.org")
        bring("full_name,email", "Ana Ruiz,ruiz@example.org")
        assert Person.objects.count() == 2

    def test_empty_cells_change_nothing(self, bring):
        bring(HEADER, ANA, BO)
        bring("full_name,email,phone,organization,group,seat,role,deputy", "Ana Ruiz,ana@example.org,,,,,,")
        assert Person.objects.get(email="ana@example.org").organization.name == "EMS North"
        assert Seat.objects.get().deputy.full_name == "Bo Lind"

    def test_a_seat_gets_its_new_holder(self, bring):
        bring(HEADER, ANA, BO)
        bring(HEADER, "Bo Lind,bo@example.org,,,Treatment,EMS,responder,")
        seat = Seat.objects.get()
        assert (seat.holder.full_name, seat.deputy) == ("Bo Lind", None)

    def test_a_known_organization_needs_no_sector(self, bring):
        make_organization(name="EMS North", sector="ems")
        assert bring("full_name,organization", "Ana Ruiz,EMS North").stored


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("line", "said"),
        [
            (",ana@example.org,,,,,,", "row 2, full_name: found “”, expected the person's name."),
            ("Ana,ana(at)example.org,,,,,,", "row 2, email: found “ana(at)example.org”, expected an e-mail address"),
            ("Ana,,EMS,emms,,,,", "row 2, sector: found “emms”, expected one of"),
            ("Ana,,EMS,,,,,", "row 2, sector: found “”, expected the sector of this organization, which is new."),
            ("Ana,,,ems,,,,", "row 2, organization: found “”, expected the organization of that sector"),
            ("Ana,,,,T,,king,", "row 2, role: found “king”, expected one of member, chair"),
            ("Ana,,,,T,,,", "row 2, role: found “”, expected the role of the seat"),
            ("Ana,,,,,EMS,member,", "row 2, group: found “”, expected the group in which the seat stands."),
            ("Ana,,,,T,,member,Zoe", "row 2, deputy: found “Zoe”, expected the e-mail address or name of someone"),
            ("Ana,,,,T,,member,Ana", "row 2, deputy: found “Ana”, expected someone else than the holder."),
            ("Ana,,,,T,,member,Kim", "row 2, deputy: found “Kim”, expected an e-mail address, since several"),
            ("Kim,,,,,,,", "row 2, full_name: found “Kim”, expected an e-mail address too, since several"),
            ("=HYPERLINK(1),,,,,,,", "row 2, full_name: found “=HYPERLINK(1)”, expected a value, not a formula."),
        ],
    )  # fmt: skip
    def test_each_fault_names_row_column_value_and_what_was_expected(self, bring, line, said):
        make_person(full_name="Kim", email=None)
        make_person(full_name="Kim", email=None)
        receipt = bring(HEADER, line)
        [fault] = faults(receipt)
        assert fault.startswith(said)
        assert not receipt.stored

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            ("Eve,ana@example.org,,,,,,", ["row 3, full_name: found “Eve”, expected “Ana Ruiz”, as row 2 has it",
                                           "row 3, email: found “ana@example.org”, expected each person once"]),
            ("Eve,,ems north,police,,,,", ["row 3, sector: found “police”, expected “ems”, as row 2 has it"]),
            ("Eve,,,,treatment,ems,member,", ["row 3, seat: found “ems”, expected another seat: row 2 gives this one"]),
            (ANA, ["row 3, seat: found “EMS”, expected another seat: row 2 gives this one to Ana Ruiz."]),
        ],
    )  # fmt: skip
    def test_rows_that_contradict_an_earlier_one(self, bring, line, said):
        found = faults(bring(HEADER, ANA, line, BO))
        assert len(found) == len(said)
        assert all(fault.startswith(start) for fault, start in zip(found, said, strict=True))

    def test_an_unknown_jurisdiction(self, bring):
        found = faults(bring("full_name,organization,sector,jurisdiction", "Ana,EMS,ems,99"))
        assert found == ["row 2, jurisdiction: found “99”, expected the code of a known place."]

    def test_all_faults_are_listed_together_by_row(self, bring):
        receipt = bring(HEADER, "Ana,bad,,,,,,", ANA, "Cy,,,,T,,king,Zoe", "Di,,,,T,,member,Zoe", BO)
        assert [(fault.row, fault.field) for fault in receipt.faults] == [
            (2, "email"),
            (4, "role"),
            (5, "deputy"),
        ]
        assert receipt.good_rows == 2

    def test_nothing_is_stored_if_any_row_is_wrong(self, bring):
        assert not bring(HEADER, ANA, BO, "Ana,bad,,,,,,").stored
        assert not Person.objects.exists()
        assert not Entry.objects.exists()

    def test_good_rows_come_in_where_asked_for(self, bring):
        receipt = bring(HEADER, ANA, BO, "Ana,bad,,,,,,", accept_good_rows=True)
        assert receipt.stored
        assert Person.objects.count() == 2

    def test_who_relies_on_a_refused_row_is_refused_too(self, bring):
        """Bo's row is wrong, so Ana has no deputy; then Cy has none either."""
        cy = "Cy Oh,cy@example.org,,,Prevention,Chair,chair,ana@example.org"
        receipt = bring(HEADER, ANA, cy, "Bo Lind,bo@example.org,,nonsense,,,,", accept_good_rows=True)
        assert [(fault.row, fault.field) for fault in receipt.faults] == [
            (2, "deputy"),
            (3, "deputy"),
            (4, "sector"),
        ]
        assert not Person.objects.exists()
        assert not Group.objects.exists()

    def test_checking_stores_nothing(self, bring):
        assert bring(HEADER, ANA, BO, check_only=True).done["people_added"] == 2
        assert not Person.objects.exists()

    def test_a_table_without_names_is_no_roster(self, bring):
        with pytest.raises(UnreadableFile, match="no column “full_name”"):
            bring("email", "ana@example.org")

    def test_a_roster_of_a_whole_nation_is_refused(self, bring):
        with pytest.raises(UnreadableFile, match="at most 5000"):
            bring("full_name", *(f"Person {n}" for n in range(MOST_ROWS + 1)))


class TestOneself:
    """Who brings a roster in gains nothing by it; the same rows are fine from somebody else."""

    @pytest.fixture
    def manager(self):
        organization = make_organization(name="Backbone")
        return person_with(
            role="project_manager", full_name="Mo Hart", email="mo@example.org", organization=organization
        )

    def test_nobody_seats_themselves_with_new_rights(self, bring, manager):
        own = "Mo Hart,mo@example.org,Backbone,,Team,Admin,administrator,"
        assert "nobody gives rights to themselves" in faults(bring(HEADER, own, by=manager))[0]
        assert bring(HEADER, own).stored

    def test_nobody_raises_the_role_of_a_seat_they_deputise_for(self, bring, manager):
        make_seat(group=make_group(name="Team"), title="Desk", holder=make_person(), deputy=manager)
        raised = "Ana Ruiz,ana@example.org,Backbone,,Team,Desk,privacy_officer,"
        assert "nobody gives rights to themselves" in faults(bring(HEADER, raised, by=manager))[0]

    def test_nobody_moves_themselves_to_another_organization(self, bring, manager):
        moved = "Mo Hart,mo@example.org,County EMS,ems,,,,"
        assert "Somebody else has to move you" in faults(bring(HEADER, moved, by=manager))[0]

    def test_a_roster_that_holds_oneself_unchanged_comes_in(self, bring, manager):
        assert bring(HEADER, "Mo Hart,mo@example.org,Backbone,,Team,Chair,chair,", by=manager).stored


class TestThePage:
    def upload(self, client, *lines: str, name: str = "roster.csv"):
        file = io.BytesIO("\n".join(lines).encode())
        file.name = name
        return client.post("/people/import/", {"file": file})

    def sealed(self, response) -> str:
        return re.search(r'name="roster" value="([^"]+)"', response.content.decode())[1]

    def test_upload_preview_confirm(self, client_for):
        client = client_for("project_manager")
        preview = self.upload(client, HEADER, ANA, BO)
        assert "2 new people" in preview.content.decode()
        assert not Group.objects.filter(name="Treatment").exists()
        done = client.post("/people/import/confirm/", {"roster": self.sealed(preview)}, follow=True)
        assert (
            "The roster was imported: 2 new people, 1 new organization, 1 new group, 1 new seat."
            in done.content.decode()
        )
        assert Entry.objects.get().actor == f"person:{client.person.pk}"

    def test_the_preview_lists_what_to_mend_and_offers_the_good_rows(self, client_for):
        client = client_for("project_manager")
        preview = self.upload(client, HEADER, ANA, BO, "Cy,bad,,,,,,")
        text = preview.content.decode()
        assert "1 thing to mend" in text
        assert "an e-mail address such as name@example.org" in text
        sealed = self.sealed(preview)
        refused = client.post("/people/import/confirm/", {"roster": sealed})
        assert "Nothing has been stored yet" in refused.content.decode()
        client.post("/people/import/confirm/", {"roster": sealed, "accept_good_rows": "on"})
        assert Person.objects.filter(full_name="Ana Ruiz").exists()

    @pytest.mark.parametrize("sealed", ["", "forged", "eyJh:1:x"])
    def test_only_what_was_previewed_can_be_confirmed(self, client_for, sealed):
        response = client_for("project_manager").post("/people/import/confirm/", {"roster": sealed})
        assert response.url == "/people/import/"

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            ("", "empty"),
            ("%PDF-1.7", "letter.csv: the file is a PDF document"),
            ("email\na@b.org", "no column"),
        ],
    )
    def test_other_files_are_refused_by_their_own_name(self, client_for, content, said):
        response = self.upload(client_for("project_manager"), content, name="letter.csv")
        assert response.status_code == 200
        assert said in response.content.decode()

    def test_a_workbook_that_unpacks_to_gigabytes_is_refused(self, client_for):
        bomb = io.BytesIO()
        with ZipFile(bomb, "w", ZIP_DEFLATED) as archive:
            archive.writestr("xl/workbook.xml", "<workbook/>")
            archive.writestr("xl/worksheets/sheet1.xml", b"0" * 200_000_000)
        bomb.seek(0)
        bomb.name = "roster.xlsx"
        response = client_for("project_manager").post("/people/import/", {"file": bomb})
        assert "roster.xlsx: the workbook unpacks to more than 64 MB" in response.content.decode()

    def test_too_large_a_file_is_refused(self, client_for):
        response = self.upload(client_for("project_manager"), "full_name", "x" * 2_000_000)
        assert "larger than 2 MB" in response.content.decode()

    def test_the_template_is_a_roster_without_rows(self, client_for, bring):
        content = client_for("project_manager").get("/people/import/template.csv").content.decode()
        assert bring(content.strip()) == RosterReceipt(0, (), True, {})

    @pytest.mark.parametrize("path", ["/people/import/", "/people/import/template.csv"])
    def test_it_is_for_who_manages_members(self, client_for, path):
        assert client_for("member").get(path).status_code == 403


def test_groups_and_seats_that_the_roster_does_not_name_stay(bring):
    seat = make_seat(group=make_group(name="Treatment"), title="Chair", role="chair", holder=make_person())
    bring(HEADER, ANA, BO)
    seat.refresh_from_db()
    assert seat.holder is not None
