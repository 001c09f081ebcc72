"""Addresses that anyone may open."""

from django.urls import path

from throughline.public import views

urlpatterns = [
    path("", views.home, name="public_home"),
    # Two steps, so that no publication's slug can take the address.
    path("data/uses/", views.uses, name="public_uses"),
    path("data/uses.csv", views.uses_table, name="public_uses_table"),
    path("data/roots.json", views.roots, name="public_roots"),
    path("<slug:slug>/", views.page, name="public_page"),
    path("<slug:slug>/<int:version>/", views.page, name="public_version"),
    path("<slug:slug>/<int:version>/<str:name>", views.download, name="public_file"),
    path("<path:anything>", views.missing, name="public_missing"),
]
