"""Addresses of publications, inside."""

from django.urls import path

from throughline.results.publications import views

urlpatterns = [
    path("", views.publications, name="publications"),
    path("<int:pk>/", views.publication, name="publication"),
    path("new/<int:effect_pk>/", views.publish, name="publication_new"),
]
