"""Lets programs in: the check that every address for them states."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from throughline.evidence.feeds.doors.api.answers import fault
from throughline.evidence.feeds.doors.tokens import note_use, token_in
from throughline.evidence.feeds.models import FeedToken
from throughline.members.access import PROGRAMS

View = Callable[..., HttpResponse]
_STATUS_OF = {"length_required": 411, "too_large": 413}  # RFC 9110


def by_token(method: str) -> Callable[[View], View]:
    """The decorator of an address for programs: its one method, and a working token of the feed that it names.

    The view is called with the `FeedToken`. No cookie counts here, so no forged request of a browser can, and
    the check against those is left out.
    """

    def decorate(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def checked(request: HttpRequest, key: str, **kwargs: Any) -> HttpResponse:
            token = token_in(request.headers.get("Authorization", ""), key)
            if token is None:
                sentence = _("Send a working token of this feed in the header “Authorization: Bearer …”.")
                return fault(401, sentence, **{"WWW-Authenticate": "Bearer"})
            if token.has_expired(timezone.localdate()):
                return _expired(token)
            if request.method != method:
                return fault(405, _("Use %(method)s here.") % {"method": method}, Allow=method)
            note_use(token, at=timezone.now())
            return _with_faults_told(view, request, token, **kwargs)

        checked.permission = PROGRAMS
        return checked

    return decorate


def _expired(token: FeedToken) -> HttpResponse:
    sentence = _("This token expired after %(day)s. Ask whoever keeps the feed's tokens for a new one.")
    challenge = 'Bearer error="invalid_token"'  # RFC 6750
    return fault(401, sentence % {"day": token.expires_on}, **{"WWW-Authenticate": challenge})


def _with_faults_told(view: View, request: HttpRequest, token: FeedToken, **kwargs: Any) -> HttpResponse:
    try:
        return view(request, token, **kwargs)
    except ValidationError as wrong:
        status = _STATUS_OF.get(getattr(wrong, "code", None), 400)
        return fault(status, " ".join(wrong.messages))
    except UnreadablePostError:
        return fault(400, _("The connection broke off before the file was whole. Send it again."))
