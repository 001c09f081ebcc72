"""Addresses of signals; a signal's own page is a page of its response."""

from django.urls import path

from throughline.signals import views

urlpatterns = [path("", views.signals, name="signals")]
