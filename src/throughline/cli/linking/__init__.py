"""Commands that find the records of one person, openly or by encodings."""

from throughline.cli.linking.command import link
from throughline.cli.linking.encoding import encode, link_encodings, make_linkage_key

COMMANDS = [link, make_linkage_key, encode, link_encodings]
"""Find the records of one person: `throughline link`, and without names `encode` and `link-encodings`."""
