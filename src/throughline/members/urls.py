"""The addresses of places, organizations, people and groups."""

from django.urls import include, path

urlpatterns = [
    path("", include("throughline.members.places.urls")),
    path("", include("throughline.members.organizations.urls")),
    path("", include("throughline.members.accounts.urls")),
    path("", include("throughline.members.groups.urls")),
]
