"""The pages on which a feed's tokens are made and revoked."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from throughline.evidence.feeds.doors.actions import make_token, revoke_token
from throughline.evidence.feeds.doors.forms import TokenForm
from throughline.evidence.feeds.models import Feed, FeedToken
from throughline.members.access import Permission, allows, requires


@never_cache
@requires(Permission.VIEW_FEEDS)
def tokens(request: HttpRequest, key: str) -> HttpResponse:
    """A feed's tokens. A new one's secret is on the page that answers its making, and never again."""
    feed = get_object_or_404(Feed, key=key)
    _check_may_keep(request, feed)
    today = timezone.localdate()
    form, secret = TokenForm(request.POST or None, today=today), ""
    if form.is_valid():
        try:
            secret = make_token(feed=feed, **form.cleaned_data, by=request.user, at=timezone.now())
            form = TokenForm(today=today)
        except ValidationError as fault:
            form.add_error("name", fault.messages)
    context = {
        "feed": feed,
        "tokens": feed.tokens.select_related("made_by", "revoked_by"),
        "form": form,
        "secret": secret,
        "today": today,
        "address": request.build_absolute_uri(reverse("api_deliveries", args=[key])),
    }
    return render(request, "feeds/tokens.html", context)


@require_POST
@requires(Permission.VIEW_FEEDS)
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(FeedToken.objects.select_related("feed"), pk=pk)
    _check_may_keep(request, token.feed)
    revoke_token(token=token, by=request.user, at=timezone.now())
    return redirect("tokens", key=token.feed.key)


def may_keep_tokens(request: HttpRequest, feed: Feed) -> bool:
    """Whoever manages feeds, and the feed's steward."""
    return allows(request, Permission.MANAGE_FEEDS) or feed.steward_id == request.user.pk


def _check_may_keep(request: HttpRequest, feed: Feed) -> None:
    if not may_keep_tokens(request, feed):
        raise PermissionDenied
