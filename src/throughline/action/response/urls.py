"""Addresses of a signal's page and of the steps of its answer."""

from django.urls import path

from throughline.action.response import views

urlpatterns = [
    path("signals/<int:pk>/", views.signal, name="signal"),
    path("signals/<int:pk>/assign/", views.signal_assign, name="signal_assign"),
    path("signals/<int:pk>/open/", views.response_open, name="response_open"),
    path("signals/<int:pk>/plan/", views.response_plan, name="response_plan"),
    path("signals/<int:pk>/move/", views.response_move, name="response_move"),
    path("signals/<int:pk>/close/", views.response_close, name="response_close"),
]
