"""Commands for the ledger: prove it whole, and give outsiders what they need to check it themselves."""

import json
from typing import Any

import click

from throughline.cli.door import Fault
from throughline.ledger.proofs import NoProof, consistency_proof, inclusion_proof, published_roots
from throughline.ledger.queries import verify as verify_ledger
from throughline.results.publications.queries import verify_publications


@click.command()
@click.option("--head", default="", help="A head that was noted earlier, kept where nobody here can write.")
def verify(head: str) -> None:
    """Prove that no entry of the ledger and no published file was altered, removed or put in; else name it."""
    try:
        result = verify_ledger(noted_head=head)
    except ValueError as fault:
        raise Fault(str(fault)) from fault
    if not result.intact:
        raise Fault(result.sentence)
    if damages := verify_publications():
        raise Fault("\n".join(map(str, damages)))
    click.echo(result.sentence)


@click.command("ledger-roots")
def roots() -> None:
    """Print the daily roots of the ledger as JSON; note one where nobody here can write."""
    _print({"roots": published_roots()})


@click.command("ledger-proof")
@click.option("--entry", "sequence", type=int, help="Prove that the entry with this number is in the ledger.")
@click.option("--since", "old_size", type=int, help="Prove that the first so many entries are as they were.")
@click.option(
    "--size", type=int, help="How many entries the root to prove it against covers; the latest root."
)
@click.option("--content", is_flag=True, help="With --entry: give what the entry says, not its hash alone.")
def proof(sequence: int | None, old_size: int | None, size: int | None, content: bool) -> None:
    """Print a proof as JSON, to be checked without us by docs/explanation/check_ledger.py."""
    if (sequence is None) == (old_size is None):
        raise click.UsageError("Say either --entry or --since.")
    try:
        size = size or _latest_size()
        if sequence is not None:
            _print(inclusion_proof(sequence, size, with_content=content))
        elif old_size is not None:
            _print(consistency_proof(old_size, size))
    except NoProof as fault:
        raise Fault(str(fault)) from fault


def _latest_size() -> int:
    kept = published_roots()
    if not kept:
        raise NoProof(
            "No day's root is kept yet; the first follows the first midnight while the worker runs."
        )
    return int(kept[-1]["size"])


def _print(document: dict[str, Any]) -> None:
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


COMMANDS = [verify, roots, proof]
