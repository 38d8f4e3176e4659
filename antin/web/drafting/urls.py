"""Addresses of the pages where documents are written down."""

from django.urls import path

from antin.web.drafting import copying, drafting_file, filling, opinions, paper, recipient_lists, sealed_paper, views

urlpatterns = [
    path("drafts/new", views.new, name="draft-new"),
    path("drafts/<int:document_id>/edit", views.edit, name="draft-edit"),
    path("drafts/forms", filling.listing, name="forms-to-fill"),
    path("drafts/forms/<int:form_id>", filling.fill, name="form-fill"),
    path("drafts/<int:document_id>/form", filling.refill, name="form-refill"),
    path("drafts/answers", views.find_answered, name="draft-answers"),
    path("drafts/recipients", views.find_recipients, name="draft-recipients"),
    path("drafts/lists", recipient_lists.show, name="recipient-lists"),
    path("drafts/lists/make", recipient_lists.make, name="recipient-list-make"),
    path("drafts/lists/<int:list_id>/change", recipient_lists.change, name="recipient-list-change"),
    path("drafts/lists/<int:list_id>/drop", recipient_lists.drop, name="recipient-list-drop"),
    path("drafts/<int:document_id>/preview", views.preview, name="draft-preview"),
    path("drafts/<int:document_id>/template.docx", views.template, name="draft-template"),
    path("drafts/<int:document_id>/preview/<int:number>.png", views.preview_page, name="draft-page"),
    path("documents/<int:document_id>/copy", copying.copy, name="document-copy"),
    path("documents/<int:document_id>/drafting-file", drafting_file.show, name="drafting-file"),
    path("documents/<int:document_id>/drafting-file/keep", drafting_file.keep, name="drafting-file-keep"),
    path("documents/<int:document_id>/opinions", opinions.show, name="document-opinions"),
    path("documents/<int:document_id>/opinions/ask", opinions.ask, name="opinions-ask"),
    path("documents/<int:document_id>/opinions/close", opinions.close, name="opinions-close"),
    path("documents/<int:document_id>/opinions/urge", opinions.urge_late, name="opinions-urge"),
    path("opinions/<int:opinion_id>/answer", opinions.answer, name="opinion-answer"),
    path("opinions/<int:opinion_id>/settle", opinions.settle, name="opinion-settle"),
    path("opinions/<int:opinion_id>/urge", opinions.urge, name="opinion-urge"),
    path("documents/<int:document_id>/comments", opinions.comments, name="document-comments"),
    path("documents/<int:document_id>/comments/new", opinions.comment, name="comment-new"),
    path("comments/<int:comment_id>/reply", opinions.reply, name="comment-reply"),
    path("comments/<int:comment_id>/resolve", opinions.resolve, name="comment-resolve"),
    path("incoming/paper", paper.receive, name="paper-receive"),
    path("incoming/paper/sealed", sealed_paper.receive, name="paper-sealed"),
    path("incoming/paper/<str:token>/<int:number>", paper.page_image, name="paper-page"),
]
