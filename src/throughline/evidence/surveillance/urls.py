"""Addresses under /detection/."""

from django.urls import path

from throughline.evidence.surveillance import views

urlpatterns = [
    path("", views.detection_runs, name="detection_runs"),
    path("counts/<slug:indicator>/", views.counts, name="counts"),
]
