"""Addresses under /definitions/vocabularies/."""

from django.urls import path

from throughline.evidence.case_definitions.vocabularies import views

urlpatterns = [
    path("", views.vocabularies, name="vocabularies"),
    path("<slug:key>/", views.vocabulary, name="vocabulary"),
    path("<slug:key>/file/", views.vocabulary_file, name="vocabulary_file"),
    path("<slug:key>/change/", views.vocabulary_change, name="vocabulary_change"),
    path("<slug:key>/adopt/", views.vocabulary_adopt, name="vocabulary_adopt"),
]
