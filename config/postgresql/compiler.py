"""What is the same in all questions of one shape is worded once: columns, joins, order.

A page asks some twenty questions, and more than half of its time went into writing their statements anew: the columns of every
related row, their order, their joins. Nothing of that depends on what is asked for. It is kept by the question's shape; the
condition, with its values, is written each time by Django itself. A shape that is not surely understood (annotations, unions,
groups, filtered relations) is Django's alone, as before. `tests/house/test_compiler.py` holds both to the same words.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db.backends.postgresql import compiler
from django.db.models.expressions import Col, F, OrderBy
from django.db.models.sql.compiler import SQLAggregateCompiler, SQLDeleteCompiler, SQLUpdateCompiler
from django.db.models.sql.datastructures import BaseTable, Join
from django.db.models.sql.query import Query

__all__ = [
    "SQLAggregateCompiler",
    "SQLCompiler",
    "SQLDeleteCompiler",
    "SQLInsertCompiler",
    "SQLUpdateCompiler",
]

SQLInsertCompiler = compiler.SQLInsertCompiler

MOST = 5_000
"""So many shapes are kept. The program has some hundreds; should a caller make ever new ones, all are forgotten and begun anew."""


class Worded(NamedTuple):
    """What the questions of one shape have in common."""

    select: list[Any]
    klass_info: dict[str, Any] | None
    annotation_col_map: dict[str, int]
    extra_select: list[Any]
    order_by: list[Any]
    meta_ordering: Any
    tables: list[str]
    table_params: tuple[Any, ...]
    converters: dict[int, Any]


_PLAIN: type[Any] = Query
_NAMED: type[Any] = F
_worded: dict[tuple[Any, ...], Worded] = {}


class SQLCompiler(compiler.SQLCompiler):
    """Django's, which asks for the parts of a statement in this order: `pre_sql_setup`, `get_from_clause`, the condition."""

    _shape: tuple[Any, ...] | None = None
    _known: Worded | None = None
    _setup: tuple[list[Any], list[Any]]
    having: Any
    qualify: Any

    def pre_sql_setup(self, with_col_aliases: bool = False) -> tuple[list[Any], list[Any], list[Any]]:
        self._known = None
        self._shape = None if with_col_aliases else shape_of(self.query)
        known = self._known = _worded.get(self._shape) if self._shape is not None else None
        if known is None:
            extra_select, order_by, group_by = super().pre_sql_setup(with_col_aliases=with_col_aliases)
            self._setup = extra_select, order_by
            if self.having is not None or self.qualify is not None:
                self._shape = None
            return extra_select, order_by, group_by
        self.where, self.having, self.qualify = self.query.where, None, None
        self.select, self.col_count = known.select, len(known.select)
        self.klass_info, self.annotation_col_map = known.klass_info, known.annotation_col_map
        self.has_extra_select = bool(known.extra_select)
        self._meta_ordering = known.meta_ordering
        return known.extra_select, known.order_by, []

    def get_from_clause(self) -> tuple[list[str], tuple[Any, ...]]:
        if self._known is not None:
            return self._known.tables, self._known.table_params
        tables, params = super().get_from_clause()
        if self._shape is not None:
            if len(_worded) >= MOST:
                _worded.clear()
            extra_select, order_by = self._setup
            self._known = _worded[self._shape] = Worded(
                self.select,
                self.klass_info,
                self.annotation_col_map,
                extra_select,
                order_by,
                self._meta_ordering,
                tables,
                params,
                super().get_converters([each for each, *_ in self.select]),
            )
        return tables, params

    def get_converters(self, expressions: Any) -> dict[int, Any]:
        known = self._known
        if known is not None and len(expressions) == len(known.select) and _same(expressions, known.select):
            return known.converters
        return super().get_converters(expressions)


def _same(expressions: list[Any], select: list[Any]) -> bool:
    return all(one is each[0] for one, each in zip(expressions, select, strict=True))


def shape_of(query: Any) -> tuple[Any, ...] | None:
    """All that columns, joins and order of a question depend on; None where that is not known for certain."""
    where = query.where
    if (
        type(query) is not _PLAIN
        or query.annotations
        or query.extra
        or query.combinator
        or query.group_by is not None
        or query._filtered_relations
        or query.extra_tables
        or query.extra_order_by
        or query.distinct_fields
        or query.select_for_update_of not in ((), ("self",))
        or where.contains_aggregate
        or where.contains_over_clause
    ):
        return None
    columns = _columns(query)
    order = _order(query.order_by)
    joins = _joins(query)
    if columns is None or order is None or joins is None:
        return None
    return (
        query.model,
        columns,
        order,
        joins,
        query.default_cols,
        query.default_ordering,
        query.standard_ordering,
        query.distinct,
        (frozenset(query.deferred_loading[0]), query.deferred_loading[1]),
        _related(query.select_related),
        query.max_depth,
        query.alias_cols,
        query.alias_prefix,
        query.subquery,
        tuple(query.external_aliases.items()),
    )


def _columns(query: Any) -> tuple[Any, ...] | None:
    """The chosen columns; `()` where it is all of the model."""
    if not query.select and query.selected is None:
        return ()
    if any(type(each) is not Col for each in query.select):
        return None
    named = tuple(query.selected.items()) if query.selected is not None else None
    if named is not None and any(type(where) is not int for _, where in named):
        return None
    return named, tuple((each.alias, each.target, each.output_field) for each in query.select)


def _order(order_by: Any) -> tuple[Any, ...] | None:
    told: list[Any] = []
    for each in order_by:
        if isinstance(each, str):
            told.append(each)
            continue
        named: Any = each.expression if type(each) is OrderBy else None
        if type(named) is not _NAMED:
            return None
        told.append((named.name, each.descending, each.nulls_first, each.nulls_last))
    return tuple(told)


def _joins(query: Any) -> tuple[Any, ...] | None:
    told: list[Any] = []
    for alias, table in query.alias_map.items():
        used = query.alias_refcount[alias]
        if type(table) is BaseTable:
            told.append((alias, used, table.table_name))
        elif type(table) is Join and table.filtered_relation is None:
            told.append(
                (alias, used, table.table_name, table.parent_alias, table.join_type, table.join_field, table.nullable)
            )
        else:
            return None
    return tuple(told)


def _related(asked: Any) -> Any:
    """What `select_related` was given, as something that may be a key."""
    return tuple((name, _related(inner)) for name, inner in asked.items()) if isinstance(asked, dict) else asked
