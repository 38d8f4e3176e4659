"""Choices that form a tree: units under units, posts under units. The widget writes what the picker module reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms


@dataclass(frozen=True)
class Branch:
    """One choice. `parent` is the value of the choice above it, which stands earlier in the list; `code` and `note` are searched
    too. A `closed` one holds its branch together and cannot be chosen itself."""

    value: str
    words: str
    parent: str = ""
    code: str = ""
    note: str = ""
    closed: bool = False


def choices(branches: Sequence[Branch]) -> list[tuple[str, str]]:
    """The branches as a form field validates them."""
    return [(branch.value, branch.words) for branch in branches]


class TreeSelect(forms.Select):
    """A select whose options know their parent. Without scripts it is a plain select, indented by depth."""

    def __init__(
        self, branches: Sequence[Branch] = (), *, multiple: bool = False, attrs: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(dict(attrs or {}))
        self.allow_multiple_selected = multiple
        self.grow(branches)

    def grow(self, branches: Sequence[Branch]) -> None:
        """Set the branches, and the choices with them; a single choice begins with none made."""
        self.branches = {branch.value: branch for branch in branches}
        none_yet = [] if self.allow_multiple_selected else [("", "")]
        self.choices = none_yet + choices(branches)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        if self.allow_multiple_selected and hasattr(data, "getlist"):
            return data.getlist(name)
        return data.get(name)

    def get_context(self, name: str, value: Any, attrs: Mapping[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, dict(attrs or {}))
        if self.allow_multiple_selected:
            context["widget"]["attrs"]["multiple"] = True
        return context

    def create_option(
        self,
        name: str,
        value: Any,
        label: Any,
        selected: Any,
        index: int,
        subindex: int | None = None,
        attrs: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        option = super().create_option(name, value, label, selected, index, subindex, attrs)
        branch = self.branches.get(str(value))
        if branch:
            told = {"data-parent": branch.parent, "data-code": branch.code, "data-note": branch.note}
            option["attrs"] |= {key: words for key, words in told.items() if words}
            if branch.closed:
                option["attrs"]["disabled"] = True
        return option


class TreeField(forms.ChoiceField):
    """One choice out of a tree."""

    def __init__(self, branches: Sequence[Branch] = (), **more: Any) -> None:
        super().__init__(widget=TreeSelect(), **more)
        self.grow(branches)

    def grow(self, branches: Sequence[Branch]) -> None:
        """Set what may be chosen; called by a form that knows its actor."""
        self.choices = choices(branches)
        self.widget.grow(branches)


class TreesField(forms.MultipleChoiceField):
    """Several choices out of a tree."""

    widget: TreeSelect

    def __init__(self, branches: Sequence[Branch] = (), **more: Any) -> None:
        super().__init__(widget=TreeSelect(multiple=True), **more)
        self.grow(branches)

    def grow(self, branches: Sequence[Branch]) -> None:
        """Set what may be chosen; called by a form that knows its actor."""
        self.choices = choices(branches)
        self.widget.grow(branches)

    def valid_value(self, value: Any) -> bool:
        return str(value) in self.widget.branches
