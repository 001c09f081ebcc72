"""Addresses under /consents/: no patient's key stands in any of them."""

from django.urls import path

from throughline.evidence.consents import views

urlpatterns = [
    path("", views.consents, name="consents"),
    path("new/", views.consent_new, name="consent_new"),
    path("<int:pk>/revoke/", views.consent_revoke, name="consent_revoke"),
    path("emergencies/", views.emergencies, name="emergencies"),
    path("emergencies/new/", views.emergency_new, name="emergency_new"),
    path("emergencies/<int:pk>/review/", views.emergency_review, name="emergency_review"),
]
