"""The addresses of places."""

from django.urls import path

from throughline.members.places import views

urlpatterns = [
    path("places/", views.places, name="places"),
    path(
        "places/<path:code>/", views.place, name="place"
    ),  # codes are the offices' own and may hold anything
]
