"""Addresses of the pages of documents."""

from django.urls import URLPattern, path

from antin.web.documents import (
    answers,
    approval,
    board,
    changes,
    copies,
    evidence,
    issuing,
    keeping,
    lists,
    many,
    opening,
    paper,
    receiving,
    search,
    sight,
    signing,
    signing_many,
    way,
)


def _box(key: str, name: str) -> list[URLPattern]:
    return [
        path(name, lists.box_page, {"box": key}, name=name),
        path(f"{name}/<int:document_id>", lists.box_page, {"box": key}, name=f"{name}-one"),
    ]


urlpatterns: list[URLPattern] = [
    *_box("in", "incoming"),
    *_box("out", "outgoing"),
    *_box("draft", "drafts"),
    path("search", search.show, name="search"),
    path("search/export", search.export, name="search-export"),
    path("search/columns", search.choose_columns, name="search-columns"),
    path("search/save", search.save, name="search-save"),
    path("search/saved/<int:saved_id>/forget", search.forget, name="search-forget"),
    path("documents/<int:document_id>", lists.document, name="document"),
    path("documents/<int:document_id>/way", way.show, name="document-way"),
    path("documents/<int:document_id>/sight", sight.show, name="document-sight"),
    # the paper
    path("documents/<int:document_id>/files/<str:digest>", paper.download, name="document-file"),
    path("documents/<int:document_id>/files/<str:digest>/print", paper.print_sheet, name="document-print"),
    path("documents/<int:document_id>/files/<str:digest>/pages/<int:number>", paper.page_image, name="document-page"),
    path("documents/<int:document_id>/unseal", receiving.unseal, name="document-unseal"),
    path("documents/<int:document_id>/judge", receiving.judge, name="document-judge"),
    path("documents/<int:document_id>/verification", evidence.minutes, name="document-verification"),
    path("documents/<int:document_id>/verification/<str:kind>", evidence.record, name="document-verification-record"),
    # on the way to the signer
    path("documents/<int:document_id>/open", opening.open_sealed, name="document-open"),
    path("documents/<int:document_id>/submit", approval.submit, name="document-submit"),
    path("documents/<int:document_id>/endorse", approval.endorse, name="document-endorse"),
    path("documents/<int:document_id>/return", approval.return_to_drafter, name="document-return"),
    path("documents/<int:document_id>/withdraw", approval.withdraw, name="document-withdraw"),
    path("documents/<int:document_id>/abandon", approval.abandon, name="document-abandon"),
    path("documents/<int:document_id>/sign", signing.sign, name="document-sign"),
    path("documents/sign", signing_many.choose, name="sign-many"),
    path("documents/sign/prepare", signing_many.prepare, name="sign-many-prepare"),
    path("documents/sign/<int:batch_id>/prepare", signing_many.prepare_rest, name="signing-batch-prepare"),
    path("documents/sign/<int:batch_id>", signing_many.progress, name="signing-batch"),
    path("documents/<int:document_id>/seal/prepare", issuing.prepare_seal, name="document-seal-prepare"),
    path("documents/<int:document_id>/sign/prepare", signing.prepare, name="document-sign-prepare"),
    # answers
    path("answers", answers.show, name="answers"),
    path("answers/urge", answers.urge_many, name="answers-urge"),
    path("documents/<int:document_id>/answer/urge", answers.urge, name="answer-urge"),
    path("documents/<int:document_id>/answer/waive", answers.waive, name="answer-waive"),
    # many at once
    path("many", many.choose, name="act-many"),
    path("many/<int:batch_id>", many.progress, name="act-batch"),
    path("many/<int:batch_id>/halt", many.halt, name="act-batch-halt"),
    path("many/<int:batch_id>/go-on", many.go_on, name="act-batch-go-on"),
    # out of the house
    path("documents/<int:document_id>/number", issuing.number, name="document-number"),
    path("documents/<int:document_id>/number/reserved", issuing.number_reserved, name="document-number-reserved"),
    path("documents/<int:document_id>/seal", issuing.seal, name="document-seal"),
    path("documents/<int:document_id>/permit", copies.permit, name="document-permit"),
    path("documents/<int:document_id>/drop", copies.drop, name="document-drop"),
    path("documents/<int:document_id>/hand-out", copies.hand_out, name="document-hand-out"),
    path("documents/<int:document_id>/change", changes.change, name="document-change"),
    path("changes/<int:reply_id>/again", changes.again, name="change-again"),
    path("changes/<int:reply_id>/answer", changes.answer, name="change-answer"),
    path("documents/<int:document_id>/post", keeping.post, name="document-post"),
    path("documents/<int:document_id>/lend", keeping.lend, name="document-lend"),
    path("documents/<int:document_id>/file-under", keeping.file_under, name="document-file-under"),
    path("outgoing/<int:document_id>/board", board.show, name="outgoing-board"),
    path("outgoing/<int:document_id>/board/urge", board.urge_all, name="board-urge"),
    path("deliveries/<int:delivery_id>/urge", board.urge, name="delivery-urge"),
    path("deliveries/<int:delivery_id>/settle", board.settle, name="delivery-settle"),
    path("deliveries/<int:delivery_id>/resend", board.resend, name="delivery-resend"),
    # into the house
    path("documents/<int:document_id>/register", receiving.register, name="document-register"),
    path("documents/<int:document_id>/send-back", receiving.send_back, name="document-send-back"),
    path("documents/<int:document_id>/present", receiving.present, name="document-present"),
    path("documents/<int:document_id>/stamp", receiving.stamp, name="document-stamp"),
    path("documents/<int:document_id>/close", receiving.close, name="document-close"),
]
