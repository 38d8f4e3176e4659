"""Our compiler says what Django's says, the first time a shape is asked for and ever after, with other values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.backends.postgresql import compiler as djangos
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from antin.documents.models import Arrival, Document, Visibility
from antin.people.models import Person, Post, Unit
from antin.tasks.models import Assignment
from config.postgresql import compiler as ours

Build = Callable[[int], "QuerySet[Any, Any]"]

SHAPES: dict[str, Build] = {
    "all of a model": lambda n: Document.objects.all(),
    "by key": lambda n: Document.objects.filter(pk=n),
    "by many keys": lambda n: Document.objects.filter(pk__in=range(n + 1)),
    "by none": lambda n: Document.objects.filter(pk__in=[]),
    "with what it belongs to": lambda n: Document.objects.select_related("arrival", "making").filter(pk=n),
    "with less of it": lambda n: Document.objects.select_related("making").defer("search", "making__body").filter(pk=n),
    "only this": lambda n: Document.objects.only("subject").filter(pk=n),
    "two steps away": lambda n: Assignment.objects.select_related("post__unit").filter(post__unit_id=n),
    "the same table twice": lambda n: Unit.objects.select_related("parent__parent").filter(parent__parent_id=n),
    "a joined condition": lambda n: Post.objects.filter(unit__parent_id=n).order_by("unit__name", "-id"),
    "a condition on many": lambda n: Unit.objects.filter(posts__id=n).distinct(),
    "all but": lambda n: Unit.objects.exclude(posts__id=n),
    "either": lambda n: Document.objects.filter(Q(arrival__isnull=True) | Q(arrival__registered_by=str(n))),
    "columns": lambda n: Visibility.objects.filter(document_id=n).values_list("holder", "document__subject"),
    "one column": lambda n: Visibility.objects.filter(document_id=n).values_list("holder", flat=True),
    "named columns": lambda n: Visibility.objects.filter(document_id=n).values("holder", "since"),
    "the other way round": lambda n: Document.objects.order_by("urgency", "pk").reverse().filter(pk__gt=n),
    "nothing last": lambda n: Document.objects.order_by(F("due_at").desc(nulls_last=True), "pk").filter(pk__gt=n),
    "unordered": lambda n: Document.objects.order_by().filter(pk__gt=n),
    "a page of it": lambda n: Document.objects.filter(pk__gt=n).order_by("-pk")[n : n + 3],
    "held": lambda n: Document.objects.select_for_update().filter(pk=n),
    "held alone": lambda n: Document.objects.select_related("arrival").select_for_update(of=("self",)).filter(pk=n),
    "held, without waiting": lambda n: Document.objects.select_for_update(skip_locked=True).filter(pk=n),
    "where there is one": lambda n: Document.objects.filter(
        Exists(Visibility.objects.filter(document_id=OuterRef("pk"), holder=f"P{n}"))
    ),
    "among others": lambda n: Document.objects.filter(
        pk__in=Visibility.objects.filter(holder=f"P{n}").values("document_id")
    ),
    "counted": lambda n: Document.objects.filter(pk__gt=n).values_list("status").annotate(n=Count("id")),
    "joined together": lambda n: Post.objects.filter(pk=n).union(Post.objects.filter(unit_id=n)),
    "from its side": lambda n: Arrival.objects.select_related("document").filter(document__pk=n),
    "a person": lambda n: Person.objects.filter(pk=n),
}


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """What was worded before is of no account here, and is put back afterwards."""
    before = dict(ours._worded)
    ours._worded.clear()
    yield
    ours._worded.clear()
    ours._worded.update(before)


def plain(klass_info: dict[str, Any] | None) -> Any:
    """How rows become objects, without the functions that every statement has of its own."""
    if klass_info is None:
        return None
    kept = {key: value for key, value in klass_info.items() if not key.endswith("_setter")}
    return {**kept, "related_klass_infos": [plain(each) for each in klass_info.get("related_klass_infos", [])]}


def told(kind: type[djangos.SQLCompiler], asked: QuerySet[Any, Any]) -> tuple[Any, ...]:
    """The statement, its values, and how a row of it is read."""
    writes = kind(asked.query.clone(), connection, "default")
    try:
        words = writes.as_sql()
    except Exception as refused:
        return (type(refused),)
    columns = [each for each, *_ in writes.select]
    return (
        words,
        plain(writes.klass_info),
        writes.annotation_col_map,
        writes.has_extra_select,
        [(each.alias, each.target) for each in columns if hasattr(each, "target")],
        {n: [one.__qualname__ for one in convert] for n, (convert, _) in writes.get_converters(columns).items()},
    )


@pytest.mark.django_db
@pytest.mark.parametrize("name", SHAPES)
def test_it_says_what_django_says(name: str) -> None:
    with transaction.atomic():
        for n in (1, 2, 3):
            assert told(ours.SQLCompiler, SHAPES[name](n)) == told(djangos.SQLCompiler, SHAPES[name](n))


@pytest.mark.django_db
def test_every_shape_keeps_to_itself() -> None:
    """Asked one after another, none is answered with another's words."""
    with transaction.atomic():
        for n in (4, 5):
            for name, build in SHAPES.items():
                assert told(ours.SQLCompiler, build(n)) == told(djangos.SQLCompiler, build(n)), name


@pytest.mark.django_db
def test_every_table_and_what_hangs_on_it() -> None:
    for model in apps.get_models():
        named = [field.name for field in model._meta.fields if field.is_relation]
        for asked in (
            model._default_manager.all(),
            model._default_manager.select_related(*named) if named else model._default_manager.all(),
            model._default_manager.order_by("-pk").values_list("pk"),
        ):
            for _again in range(2):
                assert told(ours.SQLCompiler, asked) == told(djangos.SQLCompiler, asked), model


def worded_anew(build: Build) -> int:
    before = len(ours._worded)
    for n in (6, 7):
        list(build(n))
    return len(ours._worded) - before


@pytest.mark.django_db
def test_a_shape_is_worded_once() -> None:
    assert worded_anew(SHAPES["with less of it"]) == 1
    assert worded_anew(SHAPES["with less of it"]) == 0


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["counted", "joined together"])
def test_what_is_not_surely_understood_is_left_to_django(name: str) -> None:
    assert ours.shape_of(SHAPES[name](1).query) is None


@pytest.mark.django_db
def test_ever_new_shapes_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ours, "MOST", 3)
    for name in ("by key", "only this", "unordered", "a person", "named columns"):
        list(SHAPES[name](1))
        assert len(ours._worded) <= 3


def test_the_program_asks_by_it() -> None:
    assert connection.ops.compiler("SQLCompiler") is ours.SQLCompiler
