"""Proofs that an entry is in the ledger, and that the ledger only grew, for whoever noted a root."""

from typing import Any

from throughline.ledger.models import DailyRoot, Entry
from throughline.ledger.tree import Tree


class NoProof(Exception):
    """What was asked for is not in the ledger; says what is."""


def published_roots() -> list[dict[str, Any]]:
    """Every daily root, oldest first."""
    return [{"on": f"{kept.on}", "size": kept.size, "root": kept.root} for kept in DailyRoot.objects.all()]


def inclusion_proof(sequence: int, size: int, *, with_content: bool = False) -> dict[str, Any]:
    """That entry `sequence` is among the first `size` (RFC 6962, section 2.1.1).

    Tells its hash only; `with_content` is for who may read the ledger. Raises NoProof.
    """
    if not 0 < sequence <= size:
        raise NoProof(f"There is no entry {sequence} among the first {size}.")
    tree = tree_of(size)
    proof = {
        "kind": "inclusion",
        "sequence": sequence,
        "size": size,
        "root": tree.root(size),
        "leaf": tree.leaf(sequence),
        "path": tree.audit_path(sequence, size),
    }
    if with_content:
        proof["entry"] = Entry.objects.get(sequence=sequence).canonical()
    return proof


def consistency_proof(old_size: int, size: int) -> dict[str, Any]:
    """That the first `old_size` of the first `size` entries are as they were (RFC 6962, section 2.1.2).

    Raises NoProof.
    """
    if not 0 < old_size <= size:
        raise NoProof(f"A ledger of {size} entries does not begin with one of {old_size}.")
    tree = tree_of(size)
    return {
        "kind": "consistency",
        "old_size": old_size,
        "old_root": tree.root(old_size),
        "size": size,
        "root": tree.root(size),
        "path": tree.consistency_path(old_size, size),
    }


def tree_of(size: int) -> Tree:
    """The tree over the first `size` entries. Raises NoProof where some of them are missing."""
    entries = Entry.objects.filter(sequence__lte=size).order_by("sequence").iterator(chunk_size=2000)
    tree = Tree(entry.canonical().encode() for entry in entries)
    if len(tree) < size:
        raise NoProof(f"The ledger holds {len(tree)} of the first {size} entries.")
    return tree
