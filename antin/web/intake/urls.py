"""Addresses of the pages of scanned papers."""

from django.urls import URLPattern, path

from antin.web.intake import confirming, sending

urlpatterns: list[URLPattern] = [
    path("incoming/scans", sending.show, name="scans"),
    path("incoming/scans/sheet", sending.sheet, name="scans-sheet"),
    path("incoming/scans/papers/<int:paper_id>", confirming.confirm, name="scanned-paper"),
    path("incoming/scans/papers/<int:paper_id>/pages/<int:number>", confirming.page_image, name="scanned-paper-page"),
    path("incoming/scans/papers/<int:paper_id>/drop", confirming.drop, name="scanned-paper-drop"),
    path("incoming/scans/papers/<int:paper_id>/back", confirming.bring_back, name="scanned-paper-back"),
]
