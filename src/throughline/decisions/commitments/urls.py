"""Addresses of promises."""

from django.urls import path

from throughline.decisions.commitments import views

urlpatterns = [
    path("", views.commitments, name="commitments"),
    path("new/", views.commitment_new, name="commitment_new"),
    path("<int:pk>/", views.commitment, name="commitment"),
    path("<int:pk>/move/", views.commitment_move, name="commitment_move"),
    path("<int:pk>/prove/", views.commitment_prove, name="commitment_prove"),
    path("<int:pk>/drop/", views.commitment_drop, name="commitment_drop"),
    path("proofs/<int:pk>/", views.proof_file, name="proof_file"),
]
