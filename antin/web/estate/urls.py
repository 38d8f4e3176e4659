"""Addresses of the estate."""

from django.urls import path

from antin.web.estate import imports, views, writing

urlpatterns = [
    path("estate", views.estate, name="estate"),
    path("estate/unprotected", views.unprotected, name="estate-unprotected"),
    path("estate/units/<int:unit_id>", views.unit, name="estate-unit"),
    path("estate/units/<int:unit_id>/add", writing.add, name="estate-add"),
    path("estate/units/<int:unit_id>/software", writing.software, name="estate-software"),
    path("estate/units/<int:unit_id>/check", writing.check, name="estate-check"),
    path("estate/things/<int:asset_id>", views.thing, name="estate-thing"),
    path("estate/things/<int:asset_id>/change", writing.change, name="estate-change"),
    path("estate/findings/<int:finding_id>/give", writing.give, name="finding-give"),
    path("estate/findings/<int:finding_id>/settle", writing.settle, name="finding-settle"),
    path("estate/norm", writing.norm, name="estate-norm"),
    path("estate/imports", imports.imports, name="estate-imports"),
    path("estate/imports/table", imports.template, name="estate-table"),
    path("estate/imports/<int:import_id>", imports.one, name="estate-import"),
]
