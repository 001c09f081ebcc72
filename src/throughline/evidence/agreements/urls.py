"""Addresses under /agreements/."""

from django.urls import path

from throughline.evidence.agreements import views
from throughline.evidence.agreements.clauses import views as texts
from throughline.evidence.agreements.drafting import views as drafting
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
    path("<int:pk>/text.pdf", texts.agreement_pdf, name="agreement_pdf"),
    path("<int:pk>/text/<int:number>/", texts.agreement_text, name="agreement_text"),
    path("<int:pk>/text/<int:number>.txt", texts.agreement_text_file, name="agreement_text_file"),
    path("<int:pk>/revise/", drafting.agreement_revise, name="agreement_revise"),
    path("<int:pk>/amend/", drafting.agreement_amend, name="agreement_amend"),
    path("<int:pk>/review/", drafting.agreement_review, name="agreement_review"),
    path("<int:pk>/offer/", drafting.agreement_offer, name="agreement_offer"),
    path("<int:pk>/comment/", drafting.agreement_comment, name="agreement_comment"),
    path("comments/<int:pk>/answer/", drafting.comment_answer, name="comment_answer"),
]
