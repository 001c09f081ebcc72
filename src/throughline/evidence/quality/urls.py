"""Addresses under /quality/."""

from django.urls import path

from throughline.evidence.quality import views

urlpatterns = [
    path("<slug:key>/", views.quality, name="quality"),
    path("<slug:key>/letter/", views.quality_letter, name="quality_letter"),
]
