"""The living gallery of components."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from throughline.ui import samples


def gallery(request: HttpRequest) -> HttpResponse:
    return render(request, "ui/gallery.html", samples.everything())


# Open to everyone; the decorator that says so elsewhere stands above this layer.
gallery.permission = None
