"""Addresses under /api/feeds/."""

from django.urls import path

from throughline.evidence.feeds.doors.api import views

urlpatterns = [
    path("<slug:key>/deliveries", views.deliveries, name="api_deliveries"),
    path("<slug:key>/reports", views.reports, name="api_reports"),
    path("<slug:key>/deliveries/<uuid:pk>", views.delivery, name="api_delivery"),
]
