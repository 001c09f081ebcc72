"""Addresses under /agreements/."""

from django.urls import path

from throughline.evidence.agreements import views
from throughline.evidence.agreements.entries.views import entry, entry_proof

urlpatterns = [
    path("", views.agreements, name="agreements"),
    path("new/", views.agreement_new, name="agreement_new"),
    path("data-use/", views.data_use, name="data_use"),
    path("data-use/<int:sequence>/", entry, name="ledger_entry"),
    path("data-use/<int:sequence>/proof.json", entry_proof, name="ledger_entry_proof"),
    path("<int:pk>/", views.agreement, name="agreement"),
    path("<int:pk>/sign/", views.agreement_sign, name="agreement_sign"),
    path("<int:pk>/terminate/", views.agreement_terminate, name="agreement_terminate"),
]
