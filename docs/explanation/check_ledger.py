"""Checks a proof from a Throughline ledger: python check_ledger.py PROOF.json ROOTS.json"""

import hashlib
import json
import sys
from pathlib import Path


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def half(size):  # how many leaves the left branch has: the largest power of two below size
    return 1 << (size - 1).bit_length() - 1


def with_leaf(position, size, leaf, path):  # the root that a leaf and its path make (RFC 6962, 2.1.1)
    if size == 1:
        return leaf if position == 0 and not path else None
    left = half(size)
    if position < left:
        return node(with_leaf(position, left, leaf, path[:-1]), path[-1])
    return node(path[-1], with_leaf(position - left, size - left, leaf, path[:-1]))


def both_roots(old_size, size, old_root, path, begins=True):  # the roots that a path makes (RFC 6962, 2.1.2)
    if old_size == size:
        [same] = [*path, old_root] if begins else path
        return same, same
    left = half(size)
    if old_size <= left:
        old, new = both_roots(old_size, left, old_root, path[:-1], begins)
        return old, node(new, path[-1])
    old, new = both_roots(old_size - left, size - left, old_root, path[:-1], False)
    return node(path[-1], old), node(path[-1], new)


def holds(proof, roots):
    path, size = [bytes.fromhex(digest) for digest in proof["path"]], proof["size"]
    if proof["kind"] == "consistency":
        pair = roots[proof["old_size"]], roots[size]
        return both_roots(proof["old_size"], size, pair[0], path) == pair
    leaf = bytes.fromhex(proof["leaf"])
    hashed = hashlib.sha256(b"\x00" + proof["entry"].encode()).digest() if "entry" in proof else leaf
    return leaf == hashed and with_leaf(proof["sequence"] - 1, size, leaf, path) == roots[size]


proof, noted = (json.loads(Path(name).read_text(encoding="utf-8")) for name in sys.argv[1:3])
known = {kept["size"]: bytes.fromhex(kept["root"]) for kept in noted["roots"]}
sys.exit(0 if holds(proof, known) else "False: the proof does not lead to the root that you hold.")
