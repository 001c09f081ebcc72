"""The Merkle tree over the ledger, by which an outsider can check an entry against a root of 64 digits."""

import hashlib
from collections.abc import Iterable

Range = tuple[int, int]  # of leaves: the first, and the one after the last


class Tree:
    """The tree of RFC 6962, section 2.1, over the entries' bytes; it holds hashes only.

    A leaf is SHA-256(0x00 || bytes of the entry), a node SHA-256(0x01 || left || right). Leaf `i` is entry `i + 1`.
    `_levels[h][i]` is the root of the whole subtree of 2**h leaves from leaf i * 2**h, so that any root or path
    takes a number of steps that grows with the logarithm of the size.
    """

    def __init__(self, entries: Iterable[bytes] = ()) -> None:
        self._levels: list[list[bytes]] = [[]]
        for entry in entries:
            self.append(entry)

    def __len__(self) -> int:
        return len(self._levels[0])

    def append(self, entry: bytes) -> None:
        digest = hashlib.sha256(b"\x00" + entry).digest()
        for level in self._levels:
            level.append(digest)
            if len(level) % 2:
                return
            digest = _node(level[-2], level[-1])
        self._levels.append([digest])

    def leaf(self, sequence: int) -> str:
        return self._levels[0][sequence - 1].hex()

    def root(self, size: int) -> str:
        """MTH(D[size]) for a size from 1 to the tree's."""
        return self._root((0, size)).hex()

    def audit_path(self, sequence: int, size: int) -> list[str]:
        """PATH(sequence - 1, D[size]), section 2.1.1, from the leaf's neighbour upwards."""
        return [self._root(leaves).hex() for leaves in _beside_leaf(sequence - 1, (0, size))]

    def consistency_path(self, old_size: int, size: int) -> list[str]:
        """PROOF(old_size, D[size]), section 2.1.2."""
        return [self._root(leaves).hex() for leaves in _beside_old(old_size, (0, size))]

    def _root(self, leaves: Range) -> bytes:
        start, end = leaves
        width = end - start
        if width.bit_count() == 1:
            height = width.bit_length() - 1
            return self._levels[height][start >> height]
        middle = _middle(leaves)
        return _node(self._root((start, middle)), self._root((middle, end)))


def _beside_leaf(position: int, leaves: Range) -> list[Range]:
    start, end = leaves
    if end - start == 1:
        return []
    middle = _middle(leaves)
    if position < middle:
        return [*_beside_leaf(position, (start, middle)), (middle, end)]
    return [*_beside_leaf(position, (middle, end)), (start, middle)]


def _beside_old(old_end: int, leaves: Range) -> list[Range]:
    """Where the old tree is a subtree from the first leaf on, its root is known and left out."""
    start, end = leaves
    if old_end == end:
        return [leaves] if start else []
    middle = _middle(leaves)
    if old_end <= middle:
        return [*_beside_old(old_end, (start, middle)), (middle, end)]
    return [*_beside_old(old_end, (middle, end)), (start, middle)]


def _middle(leaves: Range) -> int:
    """Where the left branch ends: it has the largest power of two of leaves that is below their number."""
    start, end = leaves
    return start + (1 << (end - start - 1).bit_length() - 1)


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
