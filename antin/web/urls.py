"""Every page address. Who may open each is declared in `audiences.py`; an undeclared one is refused."""

from django.urls import path

from antin.web.gallery import views as gallery

urlpatterns = [
    path("gallery", gallery.show, name="gallery"),
]
