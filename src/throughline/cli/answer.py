"""Commands that answer a signal: acknowledge, plan, promise, move, keep, close, measure, publish."""

from datetime import date, datetime

import click

from throughline.action.response import actions as responses
from throughline.action.response.models import Response
from throughline.cli.door import AT, BY, Day, Instant, PersonType, find
from throughline.decisions.commitments import actions as commitments
from throughline.decisions.commitments.models import Commitment, Outcome, Proof
from throughline.members.accounts.models import Person
from throughline.results.evaluation.actions import measure_effect
from throughline.results.evaluation.models import Effect
from throughline.results.publications.actions import publish_effect
from throughline.signals.models import Signal, Verdict


@click.command()
@click.argument("signal", type=int)
@BY
@AT
def acknowledge(signal: int, by: Person, at: datetime) -> None:
    """Take a signal on: its clock stops, a response begins."""
    responses.open_response(signal=find(Signal, pk=signal), by=by, at=at)
    click.echo(f"Signal {signal} is acknowledged by {by}.")


@click.command()
@click.argument("signal", type=int)
@click.argument("text")
@BY
@AT
def plan(signal: int, text: str, by: Person, at: datetime) -> None:
    """Say what will be done about a signal."""
    responses.plan_response(response=_response(signal), plan=text, by=by, at=at)
    click.echo("The plan is written.")


@click.command()
@click.argument("what")
@click.option("--signal", type=int, help="The signal that it answers.")
@click.option("--owner", type=PersonType(), required=True, help="Who does it.")
@click.option("--deputy", type=PersonType(), required=True, help="Who does it otherwise.")
@click.option("--due", type=Day(), required=True, help="By when.")
@BY
@AT
def commit(
    *, what: str, signal: int | None, owner: Person, deputy: Person, due: date, by: Person, at: datetime
) -> None:
    """Make a commitment: who will do what by when."""
    made = commitments.make_commitment(
        what=what,
        owner=owner,
        deputy=deputy,
        due_on=due,
        signal=find(Signal, pk=signal) if signal else None,
        by=by,
        at=at,
    )
    click.echo(f"Commitment {made.pk}: {owner}, with {deputy} as deputy, by {due}.")


@click.command()
@click.argument("signal", type=int)
@click.argument("text")
@BY
@AT
def move(signal: int, text: str, by: Person, at: datetime) -> None:
    """Say what help went where."""
    responses.record_movement(response=_response(signal), movement=text, by=by, at=at)
    click.echo("The movement is written.")


@click.command()
@click.argument("commitment", type=int)
@click.option("--proof", "statement", required=True, help="Why we may believe it, in your word.")
@click.option("--link", default="", help="A link that shows it.")
@click.option("--number", help="A number that shows it, such as kits handed out.")
@BY
@AT
def done(*, commitment: int, statement: str, link: str, number: str | None, by: Person, at: datetime) -> None:
    """Close a commitment as done, with its proof."""
    kind = Proof.Kind.LINK if link else Proof.Kind.NUMBER if number else Proof.Kind.ATTESTATION
    commitments.close_commitment(
        commitment=find(Commitment, pk=commitment),
        outcome=Outcome.DONE,
        proof={"kind": kind, "statement": statement, "link": link, "number": number},
        by=by,
        at=at,
    )
    click.echo(f"Commitment {commitment} is done.")


@click.command("close")
@click.argument("signal", type=int)
@click.argument("verdict", type=click.Choice(Verdict.values))
@click.option("--note", default="", help="What should be remembered.")
@BY
@AT
def close(signal: int, verdict: str, note: str, by: Person, at: datetime) -> None:
    """Close a signal with a verdict."""
    responses.close_response(signal=find(Signal, pk=signal), verdict=verdict, note=note, by=by, at=at)
    click.echo(f"Signal {signal} is closed.")


@click.command()
@click.argument("signal", type=int)
@click.option(
    "--as-of", type=Instant(), help="Count as things were known then; at the time of measuring, unless told."
)
@BY
@AT
def measure(signal: int, as_of: datetime | None, by: Person, at: datetime) -> None:
    """Measure whether the answer to a signal worked."""
    effect = measure_effect(response=_response(signal), as_of=as_of or at, by=by, at=at)
    click.echo(f"Effect {effect.pk}: {effect.get_finding_display()}.")


@click.command()
@click.argument("effect", type=int)
@click.option("--title", required=True)
@click.option(
    "--summary", required=True, help="In plain words, without figures: those come from released cells."
)
@BY
@AT
def publish(effect: int, title: str, summary: str, by: Person, at: datetime) -> None:
    """Publish a measured effect: frozen, suppressed files for everyone."""
    publication = publish_effect(effect=find(Effect, pk=effect), title=title, summary=summary, by=by, at=at)
    click.echo(f"Published as /public/{publication.slug}/, version {publication.version}.")


def _response(signal: int) -> Response:
    return find(Response, signal_id=signal)


COMMANDS = [acknowledge, plan, commit, move, done, close, measure, publish]
