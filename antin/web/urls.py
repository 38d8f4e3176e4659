"""Every page address. Who may open each is declared in `audiences.py`; an undeclared one is refused."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from antin.web.drafting import views as drafting
from antin.web.gallery import views as gallery
from antin.web.session import views as session

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="me"), name="desk"),
    path("sign-in", session.sign_in, name="sign-in"),
    path("sign-out", session.sign_out, name="sign-out"),
    path("post", session.switch_post, name="switch-post"),
    path("language", session.choose_language, name="language"),
    path("me", session.me, name="me"),
    path("me/password", session.change_password, name="change-password"),
    path("setup", session.set_up, name="set-up"),
    path("drafts/new", drafting.new, name="draft-new"),
    path("drafts/<int:document_id>/edit", drafting.edit, name="draft-edit"),
    path("drafts/answers", drafting.find_answered, name="draft-answers"),
    path("drafts/<int:document_id>/preview", drafting.preview, name="draft-preview"),
    path("drafts/<int:document_id>/preview/<int:number>.png", drafting.preview_page, name="draft-page"),
    path("gallery", gallery.show, name="gallery"),
    path("", include("antin.web.documents.urls")),
]
