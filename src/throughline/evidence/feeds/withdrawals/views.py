"""The page on which a delivery is withdrawn."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from throughline.evidence.feeds.models import Delivery
from throughline.evidence.feeds.withdrawals.actions import withdraw_delivery
from throughline.evidence.feeds.withdrawals.forms import WithdrawalForm
from throughline.members.access import Permission, requires


@requires(Permission.MANAGE_FEEDS)
def withdraw(request: HttpRequest, pk: str) -> HttpResponse:
    delivery = get_object_or_404(Delivery.objects.select_related("feed"), pk=pk)
    form = WithdrawalForm(request.POST or None)
    if form.is_valid():
        try:
            reason = form.cleaned_data["reason"]
            withdraw_delivery(delivery=delivery, reason=reason, by=request.user, at=timezone.now())
            return redirect("delivery", pk=pk)
        except ValidationError as fault:
            form.add_error(None, fault.messages)
    return render(request, "feeds/withdraw.html", {"delivery": delivery, "form": form})
