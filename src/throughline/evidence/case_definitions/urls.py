"""Addresses under /definitions/."""

from django.urls import include, path

from throughline.evidence.case_definitions import views

urlpatterns = [
    path("", views.definitions, name="definitions"),
    path("new/", views.definition_new, name="definition_new"),
    path("vocabularies/", include("throughline.evidence.case_definitions.vocabularies.urls")),
    path("<slug:key>/", views.definition, name="definition"),
    path("<slug:key>/change/", views.definition_change, name="definition_change"),
    path("<slug:key>/feeds/", views.definition_feed, name="definition_feed"),
]
