"""The forms with which a roster comes in."""

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django import forms
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from throughline.formats.faults import UnreadableFile
from throughline.members.groups.roster.rows import read_roster
from throughline.members.tables import Fault, Table, TableRow

MOST_BYTES = 2_000_000
SALT = "roster"
PREVIEW_SECONDS = 4 * 60 * 60


class RosterForm(forms.Form):
    file = forms.FileField(label=_("Roster"), help_text=_("A CSV or Excel (.xlsx) file of at most 2 MB."))

    def clean_file(self) -> Table:
        upload: UploadedFile = self.cleaned_data["file"]
        if upload.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 2 MB."))
        try:
            return _read(upload)
        except UnreadableFile as fault:
            raise forms.ValidationError(str(fault)) from fault


class ConfirmForm(forms.Form):
    """Holds the roster that was previewed, signed, so that nothing is kept on the server in between."""

    roster = forms.CharField(widget=forms.HiddenInput)
    accept_good_rows = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def clean_roster(self) -> Table:
        try:
            return _unsealed(signing.loads(self.cleaned_data["roster"], salt=SALT, max_age=PREVIEW_SECONDS))
        except signing.BadSignature as fault:
            raise forms.ValidationError(_("The preview is too old. Please upload the file again.")) from fault


def sealed(table: Table) -> str:
    return signing.dumps(asdict(table), salt=SALT, compress=True)


def _unsealed(sealed_table: dict[str, Any]) -> Table:
    return Table(
        sealed_table["name"],
        tuple(sealed_table["columns"]),
        [TableRow(*row) for row in sealed_table["rows"]],
        [Fault(**fault) for fault in sealed_table["faults"]],
    )


def _read(upload: UploadedFile) -> Table:
    """Spreadsheets are read from a file, because they are unpacked piece by piece."""
    with tempfile.NamedTemporaryFile() as copy:
        for chunk in upload.chunks():
            copy.write(chunk)
        copy.flush()
        return read_roster(Path(copy.name), name=str(upload.name))
