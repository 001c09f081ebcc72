"""Pages of promises: list, one promise, a new one, and what other pages show of them."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from factories import make_group, make_organization, make_person, make_signal, person_with

from throughline.decisions.commitments.actions import close_commitment, give_proof, make_commitment
from throughline.decisions.commitments.forms import PROOF_MAX_BYTES
from throughline.decisions.commitments.models import Commitment, Proof
from throughline.signals.actions import close_signal

pytestmark = pytest.mark.django_db
NOW = timezone.now()
TODAY = timezone.localdate(NOW)
DAY = timedelta(days=1)
WORD = {"kind": "attestation", "statement": "I handed out 40 kits"}


def promise(*, what="Post a unit", made=NOW - 30 * DAY, due_in=7, **facts):
    owner = facts.pop("owner", None) or make_person()
    defaults = {"deputy": make_person(), "due_on": TODAY + due_in * DAY, "by": owner, "at": made}
    return make_commitment(what=what, owner=owner, **defaults | facts)


def form_of_promise(**facts):
    owner, deputy = make_person(), make_person()
    due = (TODAY + 7 * DAY).isoformat()
    return {"what": "Post a unit", "owner": owner.pk, "deputy": deputy.pk, "due_on": due} | facts


class TestTheList:
    @pytest.mark.parametrize(
        ("show", "expected"),
        [
            ("", ["Overdue", "Mine"]),
            ("overdue", ["Overdue"]),
            ("mine", ["Mine"]),
            ("all", ["Closed", "Mine", "Overdue"]),
            ("nonsense", ["Overdue", "Mine"]),
        ],
    )
    def test_filters(self, client_for, show, expected):
        client = client_for("member")
        promise(what="Overdue", due_in=-3)
        promise(what="Mine", deputy=client.person)
        closed = promise(what="Closed")
        close_commitment(commitment=closed, outcome="done", proof=WORD, by=closed.owner, at=NOW)
        page = client.get(reverse("commitments"), {"show": show})
        found = [commitment.what for commitment in page.context["page_obj"]]
        assert (sorted(found) if show == "all" else found) == expected

    def test_counts_promises(self, client_for):
        closed = promise()
        close_commitment(commitment=closed, outcome="done", proof=WORD, by=closed.owner, at=NOW)
        promise(what="Late", due_in=-1)
        count = client_for("member").get(reverse("commitments")).context["count"]
        assert (count.kept, count.open, count.overdue) == (1, 1, 1)

    def test_empty_offers_to_make_one(self, client_for):
        page = client_for("member").get(reverse("commitments")).content.decode()
        assert reverse("commitment_new") in page

    def test_sixty_promises_take_few_queries(self, client_for, django_assert_max_num_queries):
        for number in range(60):
            promise(what=f"Promise {number}")
        client = client_for("member")
        with django_assert_max_num_queries(12):
            client.get(reverse("commitments"))

    def test_is_closed_to_people_without_a_seat(self, client_for):
        assert client_for(make_person()).get(reverse("commitments")).status_code == 403


class TestMakingOne:
    def test_leads_to_its_page(self, client_for):
        answer = client_for("member").post(reverse("commitment_new"), form_of_promise())
        assert answer.url == reverse("commitment", args=[Commitment.objects.get().pk])

    def test_in_answer_to_a_signal_leads_back_to_the_signal(self, client_for):
        client, signal = client_for("member"), make_signal(title="Six in Ward 8")
        page = client.get(reverse("commitment_new"), {"signal": signal.pk})
        assert "Six in Ward 8" in page.content.decode()
        answer = client.post(reverse("commitment_new"), form_of_promise(signal=signal.pk))
        assert answer.url == reverse("signal", args=[signal.pk])
        assert signal.commitments.count() == 1

    def test_two_clicks_make_one(self, client_for):
        client, sent = client_for("member"), form_of_promise()
        assert (
            client.post(reverse("commitment_new"), sent).url
            == client.post(reverse("commitment_new"), sent).url
        )

    @pytest.mark.parametrize(
        ("facts", "sentence"),
        [
            ({"what": ""}, "This field is required"),
            ({"due_on": "soon"}, "Enter a valid date"),
            ({"due_on": "2020-01-01"}, "is past"),
            ({"owner": "99999999999999999999"}, "Select a valid choice"),
            ({"measure": "happiness"}, "Select a valid choice"),
        ],
    )
    def test_bad_input_comes_back_with_its_reason(self, client_for, facts, sentence):
        answer = client_for("member").post(reverse("commitment_new"), form_of_promise(**facts))
        assert answer.status_code == 400
        assert sentence in answer.content.decode()
        assert not Commitment.objects.exists()

    def test_the_deputy_must_be_somebody_else(self, client_for):
        sent = form_of_promise()
        answer = client_for("member").post(reverse("commitment_new"), sent | {"deputy": sent["owner"]})
        assert "somebody else than the owner" in answer.content.decode()

    def test_a_closed_signal_is_no_choice(self, client_for):
        signal = make_signal()
        close_signal(signal=signal, verdict="worked", by=make_person(), at=NOW)
        answer = client_for("member").post(reverse("commitment_new"), form_of_promise(signal=signal.pk))
        assert answer.status_code == 400

    @pytest.mark.parametrize(
        "query", ["?signal=abc", "?signal=999", "?signal=9999999999999999999999&owner=x"]
    )
    def test_nonsense_in_the_address_gives_an_empty_form(self, client_for, query):
        assert client_for("member").get(reverse("commitment_new") + query).status_code == 200

    def test_three_hundred_people_can_be_chosen_by_typing(self, client_for, django_assert_max_num_queries):
        for _ in range(300):
            make_person(organization=make_organization())
        make_person(full_name="Gone", is_active=False)
        client = client_for("member")
        with django_assert_max_num_queries(12):
            page = client.get(reverse("commitment_new")).content.decode()
        assert page.count("usa-combo-box") == 2
        assert page.count("<option") > 600
        assert "Gone" not in page

    def test_agreements_are_a_choice_only_for_those_who_may_see_them(self, client_for):
        assert "agreement" not in client_for("member").get(reverse("commitment_new")).context["form"].fields
        assert "agreement" in client_for("analyst").get(reverse("commitment_new")).context["form"].fields


class TestKeepingOne:
    @pytest.mark.parametrize("step", ["commitment_move", "commitment_prove", "commitment_drop"])
    def test_is_refused_to_other_members(self, client_for, step):
        answer = client_for("member").post(reverse(step, args=[promise().pk]), WORD)
        assert answer.status_code == 403
        assert not Proof.objects.exists()

    def test_other_members_see_no_forms(self, client_for):
        page = client_for("member").get(reverse("commitment", args=[promise().pk]))
        assert "<textarea" not in page.content.decode()

    @pytest.mark.parametrize("who", ["owner", "deputy"])
    def test_owner_and_deputy_give_proof_and_close(self, client_for, who):
        person = person_with(role="member")
        made = promise(**{who: person})
        answer = client_for(person).post(reverse("commitment_prove", args=[made.pk]), WORD | {"done": "yes"})
        assert answer.status_code == 302
        made.refresh_from_db()
        assert (made.outcome, made.closed_by) == ("done", person)

    def test_a_proof_alone_keeps_it_open(self, client_for):
        made = promise()
        client_for("project_manager").post(reverse("commitment_prove", args=[made.pk]), WORD)
        assert Commitment.objects.open().get().proofs.count() == 1

    def test_moving_after_the_day_says_that_it_counts(self, client_for):
        made = promise(due_in=-1)
        sent = {"to_on": (TODAY + 7 * DAY).isoformat(), "reason": "The van is in repair"}
        answer = client_for("project_manager").post(
            reverse("commitment_move", args=[made.pk]), sent, follow=True
        )
        assert "counts as a slip" in answer.content.decode()

    def test_a_day_too_early_comes_back_with_its_reason(self, client_for):
        made = promise()
        sent = {"to_on": TODAY.isoformat(), "reason": "Repair"}
        answer = client_for("project_manager").post(reverse("commitment_move", args=[made.pk]), sent)
        assert answer.status_code == 400
        assert "Choose a day after" in answer.content.decode()

    def test_dropping_needs_a_reason(self, client_for):
        made = promise()
        client = client_for("project_manager")
        assert client.post(reverse("commitment_drop", args=[made.pk]), {"note": ""}).status_code == 400
        assert client.post(reverse("commitment_drop", args=[made.pk]), {"note": "Moved"}).status_code == 302

    def test_a_second_click_on_a_closed_one_says_so(self, client_for):
        made, client = promise(), client_for("project_manager")
        address = reverse("commitment_prove", args=[made.pk])
        client.post(address, WORD | {"done": "yes"})
        again = client.post(address, WORD | {"done": "yes"})
        assert again.status_code == 400
        assert "closed already" in again.content.decode()
        assert Proof.objects.count() == 1

    def test_the_page_takes_few_queries(self, client_for, django_assert_max_num_queries):
        made = promise(signal=make_signal(), group=make_group())
        for number in range(10):
            statement = f"Day {number}"
            give_proof(commitment=made, kind="attestation", statement=statement, by=make_person(), at=NOW)
        client = client_for("project_manager")
        with django_assert_max_num_queries(12):
            assert client.get(reverse("commitment", args=[made.pk])).status_code == 200

    def test_an_unknown_one_is_not_found(self, client_for):
        assert client_for("member").get(reverse("commitment", args=[999])).status_code == 404

    def test_writes_do_not_happen_by_following_a_link(self, client_for):
        address = reverse("commitment_drop", args=[promise().pk])
        assert client_for("project_manager").get(address).status_code == 405


class TestProofFiles:
    def send(self, client, made, file):
        sent = {"kind": "file", "statement": "The signed sheet", "file": file}
        return client.post(reverse("commitment_prove", args=[made.pk]), sent)

    def test_come_back_as_downloads_and_are_never_shown_in_place(self, client_for):
        client = client_for("project_manager")
        self.send(client, promise(), SimpleUploadedFile("sheet.html", b"<script>alert(1)</script>"))
        answer = client.get(reverse("proof_file", args=[Proof.objects.get().pk]))
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert b"".join(answer.streaming_content) == b"<script>alert(1)</script>"

    def test_too_large_ones_are_refused(self, client_for):
        large = SimpleUploadedFile("film.mp4", b"0" * (PROOF_MAX_BYTES + 1))
        answer = self.send(client_for("project_manager"), promise(), large)
        assert answer.status_code == 400
        assert "film.mp4 has 20 MB, expected at most 20 MB" in answer.content.decode()

    def test_empty_ones_are_refused(self, client_for):
        answer = self.send(client_for("project_manager"), promise(), SimpleUploadedFile("sheet.pdf", b""))
        assert answer.status_code == 400

    def test_a_proof_without_a_file_has_no_download(self, client_for):
        made = promise()
        proof = give_proof(commitment=made, by=made.owner, at=NOW, **WORD)
        assert client_for("member").get(reverse("proof_file", args=[proof.pk])).status_code == 404


class TestOtherPages:
    def test_a_persons_page_lists_their_promises(self, client_for):
        made = promise(what="Restock the library")
        page = client_for("member").get(reverse("person", args=[made.deputy_id]))
        assert "Restock the library" in page.content.decode()

    def test_a_groups_page_lists_its_promises_and_offers_another(self, client_for):
        made = promise(what="Restock the library", group=make_group())
        page = client_for("member").get(reverse("group", args=[made.group_id])).content.decode()
        assert "Restock the library" in page
        assert f"{reverse('commitment_new')}?group={made.group_id}" in page

    def test_today_shows_mine_with_the_overdue_ones_first(self, client_for):
        client = client_for("member")
        for what, due_in in [("Later", 9), ("Overdue", -2), ("Soon", 1)]:
            promise(what=what, due_in=due_in, owner=client.person)
        (panel,) = [p for p in client.get(reverse("today")).context["panels"] if "promised" in str(p.title)]
        assert [found.what for found in panel.context["commitments"]] == ["Overdue", "Soon", "Later"]

    def test_today_shows_everybodys_overdue_ones_to_the_project_manager_only(self, client_for):
        promise(due_in=-2)
        titles = {
            role: [str(p.title) for p in client_for(role).get(reverse("today")).context["panels"]]
            for role in ("project_manager", "member", "administrator")
        }
        assert "Overdue commitments" in titles["project_manager"]
        assert "Overdue commitments" not in titles["member"] + titles["administrator"]
