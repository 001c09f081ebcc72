"""The addresses of groups, seats and the roster."""

from django.urls import path

from throughline.members.groups import views
from throughline.members.groups.roster import views as roster

urlpatterns = [
    path("groups/", views.groups, name="groups"),
    path("groups/new/", views.group_new, name="group_new"),
    path("groups/<int:pk>/", views.group, name="group"),
    path("groups/<int:pk>/seats/new/", views.seat_new, name="seat_new"),
    path("groups/seats/<int:pk>/", views.seat_fill, name="seat_fill"),
    path("people/import/", roster.roster_import, name="roster_import"),
    path("people/import/confirm/", roster.roster_confirm, name="roster_confirm"),
    path("people/import/template.csv", roster.roster_template, name="roster_template"),
]
