"""Addresses under /exchange/."""

from django.urls import path

from throughline.evidence.exchange import views

urlpatterns = [
    path("", views.exchange, name="exchange"),
    path("neighbours/new/", views.neighbour_new, name="neighbour_new"),
    path("neighbours/<int:pk>/", views.neighbour, name="neighbour"),
    path("neighbours/<int:pk>/send/", views.counts_send, name="counts_send"),
    path("receive/", views.counts_receive, name="counts_receive"),
    path("sent/<int:pk>/document.json", views.sent_document, name="sent_document"),
]
