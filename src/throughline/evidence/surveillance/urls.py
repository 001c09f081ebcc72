"""Addresses under /detection/."""

from django.urls import path

from throughline.evidence.surveillance import views
from throughline.evidence.surveillance.provenance import views as provenance_views

urlpatterns = [
    path("", views.detection_runs, name="detection_runs"),
    path("records/", provenance_views.records, name="records"),
    path("records/<slug:key>/<uuid:pk>/<int:row>/", provenance_views.record, name="record"),
    path("counts/<slug:indicator>/", views.counts, name="counts"),
]
