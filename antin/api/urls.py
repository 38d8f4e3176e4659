"""Addresses for machines: one API, described at /api/openapi.json."""

from __future__ import annotations

from typing import Any

from django.urls import path
from ninja import NinjaAPI

from antin.api import (
    agenda,
    answers,
    batches,
    book_moves,
    code_lists,
    contests,
    copies,
    documents,
    drafting,
    elsewhere,
    estate,
    families,
    figures,
    forms,
    hand_overs,
    house,
    intake,
    layout,
    lines,
    nodes,
    old_books,
    opinions,
    organisation,
    own_files,
    pictures,
    posts,
    powers,
    problems,
    programmes,
    recipient_lists,
    recovery,
    registers,
    rights,
    series,
    tasks,
    together,
    type_texts,
    vault,
    way,
    whoami,
    work_groups,
)

DESCRIPTION = """Machine interface of an An Tín node.

A token (`antin token create`, or the account page) acts as one person in one post, sees what that post sees and may do what that
post may do, within the token's scopes: `read` and `act`. Every no is a problem document (RFC 9457). Moments are RFC 3339 with an
offset. Lists come in pages: `limit`, `after`, `next`."""


class Api(NinjaAPI):
    def get_openapi_schema(self, **given: Any) -> Any:
        schema = super().get_openapi_schema(**given)
        problems.describe(schema)
        return schema


api = Api(
    parser=problems.PlainText(),
    title="An Tín",
    version="0.1.0",
    description=DESCRIPTION,
    docs_url=None,
    urls_namespace="api",
)
problems.attach(api)
api.add_router("", whoami.router)
api.add_router("", documents.router)
api.add_router("", answers.router)
api.add_router("", batches.router)
api.add_router("", drafting.router)
api.add_router("", opinions.router)
api.add_router("", together.router)
api.add_router("", rights.router)
api.add_router("", families.router)
api.add_router("", forms.router)
api.add_router("", code_lists.router)
api.add_router("", type_texts.router)
api.add_router("", pictures.router)
api.add_router("", copies.router)
api.add_router("", elsewhere.router)
api.add_router("", recipient_lists.router)
api.add_router("", work_groups.router)
api.add_router("", way.router)
api.add_router("", old_books.router)
api.add_router("", hand_overs.router)
api.add_router("", tasks.router)
api.add_router("", figures.router)
api.add_router("", contests.router)
api.add_router("", programmes.router)
api.add_router("", series.router)
api.add_router("", agenda.router)
api.add_router("", estate.router)
api.add_router("", registers.router)
api.add_router("", intake.router)
api.add_router("", house.router)
api.add_router("", organisation.router)
api.add_router("", posts.router)
api.add_router("", powers.router)
api.add_router("", layout.router)
api.add_router("", lines.router)
api.add_router("", nodes.router)
api.add_router("", book_moves.router)
api.add_router("", own_files.router)
api.add_router("", vault.router)
api.add_router("", recovery.router)

urlpatterns = [path("", api.urls)]
