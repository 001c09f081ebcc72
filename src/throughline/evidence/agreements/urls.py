"""Addresses under /agreements/."""

from django.urls import path

from throughline.evidence.agreements import views

urlpatterns = [
    path("", views.agreements, name="agreements"),
    path("new/", views.agreement_new, name="agreement_new"),
    path("data-use/", views.data_use, name="data_use"),
    path("<int:pk>/", views.agreement, name="agreement"),
    path("<int:pk>/sign/", views.agreement_sign, name="agreement_sign"),
    path("<int:pk>/terminate/", views.agreement_terminate, name="agreement_terminate"),
]
