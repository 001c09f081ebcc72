"""Reads the file out of a request: its raw body, or the one part of a form."""

from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadhandler import StopUpload
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

_CHUNK = 1024 * 1024
_FORM_OVERHEAD = 100_000  # bytes that a form's parts need besides the file


def file_in(request: HttpRequest) -> tuple[str, Iterable[bytes]]:
    """Its name, and its content in chunks. Raises ValidationError, also later, where less comes than was announced.

    A raw body's name stands in the header `X-File-Name` or in `?file_name=`, percent-encoded where it isn't ASCII.
    """
    announced = announced_bytes(request, limit=settings.FEED_FILE_MAX_BYTES + _FORM_OVERHEAD)
    if request.content_type == "multipart/form-data":
        return _file_of_form(request)
    name = request.GET.get("file_name") or unquote(request.headers.get("X-File-Name", ""))
    if not name:
        raise ValidationError(_("Say how the file is called, in the header X-File-Name."))
    return name, _chunks(request, announced)


def announced_bytes(request: HttpRequest, *, limit: int) -> int:
    """Raises ValidationError for a body of unknown length, an empty one, and one that is larger than the limit."""
    written = str(request.headers.get("Content-Length", ""))
    if not written.isdecimal():
        raise ValidationError(
            _("Say how long the body is, in the header Content-Length."), code="length_required"
        )
    if int(written) == 0:
        raise ValidationError(_("The body is empty. Send the file as the body of the request."))
    if int(written) > limit:
        raise ValidationError(
            _("The body is larger than %(limit)s. Split the file by date.")
            % {"limit": filesizeformat(limit)},
            code="too_large",
        )
    return int(written)


def _file_of_form(request: HttpRequest) -> tuple[str, Iterable[bytes]]:
    try:
        files = [file for _name, found in request.FILES.lists() for file in found]
    except (MultiPartParserError, StopUpload) as broken:
        raise ValidationError(_("The form can't be read. Send the file as the body instead.")) from broken
    if len(files) != 1:
        raise ValidationError(
            _("The form holds %(count)d files. Expected one for each request.") % {"count": len(files)}
        )
    return files[0].name, files[0].chunks()


def _chunks(request: HttpRequest, announced: int) -> Iterator[bytes]:
    read = 0
    while chunk := request.read(_CHUNK):
        read += len(chunk)
        yield chunk
    if read != announced:
        raise ValidationError(
            _("%(read)d of %(announced)d bytes came before the connection broke off. Send the file again.")
            % {"read": read, "announced": announced}
        )
