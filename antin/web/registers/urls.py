"""Addresses of the pages of the registry office."""

from django.urls import URLPattern, path

from antin.web.registers import books, numbers, old_books, proof

urlpatterns: list[URLPattern] = [
    path("registers", books.show, name="registers"),
    path("registers/print", books.print_book, name="registers-print"),
    path("registers/columns", books.columns, name="registers-columns"),
    path("registers/postings/<int:posting_id>/postmark", books.postmark, name="posting-postmark"),
    path("registers/copies/<int:use_id>/back", books.copy_back, name="copy-back"),
    path("registers/export", books.export, name="registers-export"),
    path("registers/proof", proof.show, name="registers-proof"),
    # books of the past
    path("registers/old-books", old_books.page, name="old-books"),
    path("registers/old-books/template", old_books.template, name="old-book-template"),
    path("registers/old-books/moved/<int:move_id>/<int:place>", old_books.moved, name="old-book-moved"),
    path("registers/old-books/<int:old_book_id>", old_books.show, name="old-book"),
    path("registers/old-books/<int:old_book_id>/check", old_books.check, name="old-book-check"),
    path("registers/old-books/<int:old_book_id>/explain", old_books.explain, name="old-book-explain"),
    path("registers/old-books/<int:old_book_id>/start", old_books.start, name="old-book-start"),
    path("registers/old-books/<int:old_book_id>/drop", old_books.drop, name="old-book-drop"),
    path("registers/old-books/<int:old_book_id>/undo", old_books.undo, name="old-book-undo"),
    path("registers/old-books/<int:old_book_id>/export", old_books.export, name="old-book-export"),
    path("registers/old-books/<int:old_book_id>/print", old_books.print_balance, name="old-book-print"),
    # numbers out of turn
    path("registers/numbers", numbers.page, name="registers-numbers"),
    path("registers/numbers/reserve", numbers.reserve, name="number-reserve"),
    path("registers/numbers/insert", numbers.insert, name="number-insert"),
    path("registers/numbers/<int:number_id>/release", numbers.release, name="number-release"),
]
