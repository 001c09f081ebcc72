"""The gallery of components."""

from django.urls import path

from throughline.ui import views

urlpatterns = [path("", views.gallery, name="gallery")]
