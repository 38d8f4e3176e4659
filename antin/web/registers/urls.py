"""Addresses of the pages of the registry office."""

from django.urls import URLPattern, path

from antin.web.registers import books, numbers, proof

urlpatterns: list[URLPattern] = [
    path("registers", books.show, name="registers"),
    path("registers/print", books.print_book, name="registers-print"),
    path("registers/columns", books.columns, name="registers-columns"),
    path("registers/postings/<int:posting_id>/postmark", books.postmark, name="posting-postmark"),
    path("registers/copies/<int:use_id>/back", books.copy_back, name="copy-back"),
    path("registers/export", books.export, name="registers-export"),
    path("registers/proof", proof.show, name="registers-proof"),
    # numbers out of turn
    path("registers/numbers", numbers.page, name="registers-numbers"),
    path("registers/numbers/reserve", numbers.reserve, name="number-reserve"),
    path("registers/numbers/insert", numbers.insert, name="number-insert"),
    path("registers/numbers/<int:number_id>/release", numbers.release, name="number-release"),
]
