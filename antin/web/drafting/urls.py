"""Addresses of the pages where documents are written down."""

from django.urls import path

from antin.web.drafting import paper, sealed_paper, views

urlpatterns = [
    path("drafts/new", views.new, name="draft-new"),
    path("drafts/<int:document_id>/edit", views.edit, name="draft-edit"),
    path("drafts/answers", views.find_answered, name="draft-answers"),
    path("drafts/recipients", views.find_recipients, name="draft-recipients"),
    path("drafts/<int:document_id>/preview", views.preview, name="draft-preview"),
    path("drafts/<int:document_id>/template.docx", views.template, name="draft-template"),
    path("drafts/<int:document_id>/preview/<int:number>.png", views.preview_page, name="draft-page"),
    path("incoming/paper", paper.receive, name="paper-receive"),
    path("incoming/paper/sealed", sealed_paper.receive, name="paper-sealed"),
    path("incoming/paper/<str:token>/<int:number>", paper.page_image, name="paper-page"),
]
