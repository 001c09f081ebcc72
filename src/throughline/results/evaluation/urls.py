"""Addresses of effects."""

from django.urls import path

from throughline.results.evaluation import views

urlpatterns = [
    path("<int:pk>/", views.effect, name="effect"),
    path("new/<int:response_pk>/", views.measure, name="effect_new"),
]
