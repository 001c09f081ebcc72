"""Addresses under /feeds/."""

from django.urls import path

from throughline.evidence.feeds import views
from throughline.evidence.feeds.access.views import access
from throughline.evidence.feeds.clocks import views as clock_views
from throughline.evidence.feeds.destruction import views as destruction_views
from throughline.evidence.feeds.doors import views as door_views
from throughline.evidence.feeds.doors.reports.views import own_report, report
from throughline.evidence.feeds.mappings import views as mapping_views
from throughline.evidence.feeds.withdrawals.views import withdraw

urlpatterns = [
    path("", views.feeds, name="feeds"),
    path("new/", views.feed_new, name="feed_new"),
    path("access/", access, name="access"),
    path("destructions/", destruction_views.destructions, name="destructions"),
    path("destructions/<int:pk>/", destruction_views.destruction, name="destruction"),
    path("destructions/<int:pk>.json", destruction_views.certificate, name="destruction_certificate"),
    path("deliveries/<uuid:pk>/", views.delivery, name="delivery"),
    path("deliveries/<uuid:pk>/quarantine/", views.quarantine, name="quarantine"),
    path("deliveries/<uuid:pk>/replay/", views.replay, name="replay"),
    path("deliveries/<uuid:pk>/again/", views.again, name="delivery_again"),
    path("deliveries/<uuid:pk>/withdraw/", withdraw, name="withdraw"),
    path("files/<uuid:pk>/", views.intake, name="intake"),
    path("files/<uuid:pk>/again/", views.intake_retry, name="intake_retry"),
    path("files/<uuid:pk>/discard/", views.intake_discard, name="intake_discard"),
    path("tokens/<int:pk>/revoke/", door_views.token_revoke, name="token_revoke"),
    path("<slug:key>/", views.feed, name="feed"),
    path("<slug:key>/destroy/", destruction_views.destroy, name="destroy"),
    path("<slug:key>/upload/", views.upload, name="upload"),
    path("<slug:key>/clocks/", clock_views.feed_clocks, name="feed_clocks"),
    path("<slug:key>/promise/", clock_views.feed_promise, name="feed_promise"),
    path("<slug:key>/part2/", views.feed_part2, name="feed_part2"),
    path("<slug:key>/mapping/", mapping_views.mapping, name="mapping"),
    path("<slug:key>/mapping/propose/", mapping_views.mapping_propose, name="mapping_propose"),
    path("<slug:key>/mapping/<uuid:pk>/", mapping_views.mapping_draft, name="mapping_draft"),
    path("<slug:key>/mapping/<uuid:pk>/save/", mapping_views.mapping_draft_save, name="mapping_draft_save"),
    path(
        "<slug:key>/mapping/<uuid:pk>/receive/",
        mapping_views.mapping_draft_receive,
        name="mapping_draft_receive",
    ),
    path(
        "<slug:key>/mapping/<uuid:pk>/discard/",
        mapping_views.mapping_draft_discard,
        name="mapping_draft_discard",
    ),
    path("<slug:key>/report/", report, name="report"),
    path("<slug:key>/report/<uuid:pk>/", own_report, name="own_report"),
    path("<slug:key>/tokens/", door_views.tokens, name="tokens"),
]
