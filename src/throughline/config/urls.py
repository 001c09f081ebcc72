"""Every address, in the order of the story."""

from django.urls import include, path

from throughline.config import views

urlpatterns = [
    path("", views.today, name="today"),
    # Addresses are the roster's business: whoever manages members changes them, and the ledger says so.
    path("account/email/", views.not_found, name="no_email_page"),
    path("account/", include("allauth.urls")),
    path("language/", include("django.conf.urls.i18n")),
    path("gallery/", include("throughline.ui.urls")),
    path("", include("throughline.members.urls")),
    path("signals/", include("throughline.signals.urls")),
    path("agreements/", include("throughline.evidence.agreements.urls")),
    path("consents/", include("throughline.evidence.consents.urls")),
    path("feeds/", include("throughline.evidence.feeds.urls")),
    path("api/feeds/", include("throughline.evidence.feeds.doors.api.urls")),
    path("definitions/", include("throughline.evidence.case_definitions.urls")),
    path("quality/", include("throughline.evidence.quality.urls")),
    path("detection/", include("throughline.evidence.surveillance.urls")),
    path("exchange/", include("throughline.evidence.exchange.urls")),
    path("commitments/", include("throughline.decisions.commitments.urls")),
    path("responses/", include("throughline.action.response.urls")),
    path("effects/", include("throughline.results.evaluation.urls")),
    path("publications/", include("throughline.results.publications.urls")),
    path("public/", include("throughline.public.urls")),
]

handler403 = views.forbidden
handler404 = views.not_found
handler500 = views.failed
