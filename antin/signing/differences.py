"""What came into a PDF after a signature, by our own policy: what is known to be harmless is safe, all else is said exactly.

Safe: a security store (DSS), document timestamps, later approval signatures with their fields, our own fields for number and date
being filled, descriptions (metadata), notes that hide nothing. The comparison is of objects, by the part they play in the document;
an object that plays two parts is judged by the graver one. Where something is drawn, `sight` compares the pages as they are seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from antin.signing.revisions import Field, Name, Ref, Stream, TooMuch, View, fields, listed_fields, references, text_of
from antin.signing.states import Change as Kind

OURS = ("number", "day", "month", "year")
"""The fields that are filled between the person's signature and the agency's: number and date (Decree 30/2020)."""

QUIET_CATALOGUE = {"DSS", "Extensions", "Version", "Metadata", "AcroForm", "StructTreeRoot", "MarkInfo", "Lang"}
QUIET_PAGE = {"Annots", "Tabs", "StructParents", "LastModified", "PieceInfo", "Parent"}
HANDED_DOWN = ("Resources", "MediaBox", "CropBox", "Rotate")
"""What a page takes from the nodes above it (ISO 32000-2, table 31)."""
FILLED_BY_SIGNING = {
    "V",
    "AP",
    "AS",
    "MK",
    "F",
    "Rect",
    "DA",
    "DR",
    "BS",
    "Border",
    "P",
    "M",
    "NM",
    "Lock",
    "SV",
    "Q",
    "Ff",
    "DV",
}
WIDGET_SELF = {"T", "FT", "Parent", "Kids", "TU", "TM"}
LOUD_CATALOGUE = {"OpenAction": Kind.SCRIPT, "AA": Kind.SCRIPT, "Names": Kind.ATTACHMENT, "OCProperties": Kind.LAYERS}
MARKUP = {"Text", "Popup", "Highlight", "Underline", "Squiggly", "StrikeOut", "Link"}
"""Notes about a page; what writes or paints on it (FreeText, Stamp, Ink, Square, Redact …) is not among them."""
DRAWN = {"FreeText", "Stamp", "Ink", "Square", "Circle", "Line", "Polygon", "PolyLine", "Caret"}
LOCKS = 64 | 128 | 512
"""Flags of a note that say only what its reader may do with it; the others say whether it is seen or printed."""
THICK = 3
"""Points: a border thicker than this paints."""
CLOSURE = 200_000
MOST_PAGES = 20_000


@dataclass(frozen=True)
class Change:
    """One thing that came in after a signature: what, whether it is safe, on which page (from 1), in which field."""

    kind: Kind
    safe: bool
    page: int | None = None
    subject: str = ""


@dataclass
class Drawn:
    """Something that a step draws on a page: which change drew it, where (points), and how many letters it is said to have."""

    change: Change
    page: int
    box: tuple[float, float, float, float] | None
    letters: int = 0


@dataclass
class Step:
    """From one view to a later one: the changes, what they draw, the fields that were signed and those that were filled."""

    changes: list[Change] = field(default_factory=list)
    drawn: list[Drawn] = field(default_factory=list)
    signed: set[str] = field(default_factory=set)
    filled: set[str] = field(default_factory=set)

    def add(self, kind: Kind, safe: bool, page: int | None = None, subject: str = "") -> Change:
        change = Change(kind, safe, page, subject)
        if change not in self.changes:
            self.changes.append(change)
        return change


def between(old: View, new: View) -> Step:
    """Compare two views of one file. :raises TooMuch: more than a file is given"""
    return _Comparison(old, new).step


class _Comparison:
    def __init__(self, old: View, new: View) -> None:
        self.old, self.new, self.step = old, new, Step()
        self.closures: dict[int, list[set[int]]] = {}
        self.explained: set[int] = set()
        touched = new.touched_since(old)
        self.changed: set[int] = set()
        self.fresh: set[int] = set()
        containers = {number for number in touched if _is_container(old.get(number))}
        containers -= old.mentioned(containers)
        for number in touched:
            before = old.get(number)
            if before is None:
                self.fresh.add(number)
            elif number in containers or _same(before, new.get(number)):
                continue
            else:
                self.changed.add(number)
        if new.repaired and not old.repaired:
            self.step.add(Kind.DAMAGED, False)
        elif not new.continues(old) and not (new.repaired and old.repaired):
            self.step.add(Kind.CROSS_REFERENCE, not (self.changed or self.fresh))
        before_root, after_root = old.trailer.get("Root"), new.trailer.get("Root")
        if old.encrypted != new.encrypted:
            self.step.add(Kind.OBJECT, False)
        if not (touched or before_root != after_root):
            return
        self.stirred = self.changed | self._filled()
        self.stale: set[int] = set()
        self.places = _Places(new)
        self.looked_at: list[Field] = []
        self.placed: set[int] = set()
        self._catalogue()
        self._form()
        self._pages()
        self._rest()
        for number in self.stale:
            old.file.made_of.pop(number, None)

    # The catalogue

    def _catalogue(self) -> None:
        before, after = self.old.root, self.new.root
        for view in (self.old, self.new):
            ref = view.trailer.get("Root")
            if isinstance(ref, Ref):
                self.explained.add(ref.number)
        for key in sorted(before.keys() | after.keys()):
            if _same(before.get(key), after.get(key)):
                continue
            if key == "DSS":
                self.step.add(Kind.DSS, "DSS" in after)
            elif key in ("Metadata", "Extensions", "Version", "Lang"):
                self.step.add(Kind.METADATA, True)
            elif key in ("StructTreeRoot", "MarkInfo"):
                self.step.add(Kind.STRUCTURE, True)
            elif key == "Perms":
                self._permissions(before.get(key), after.get(key))
            elif key == "Pages":
                self.step.add(Kind.PAGES, self._same_pages())
            elif key == "Names" and _grown(self.old, self.new, before.get(key), after.get(key)):
                self.step.add(Kind.ATTACHMENT, False)
            elif key in LOUD_CATALOGUE:
                self.step.add(LOUD_CATALOGUE[key], False)
            elif key != "AcroForm":
                self.step.add(Kind.CATALOGUE, False, subject=key)
        self._quiet_objects("DSS", Kind.DSS)
        self._quiet_objects("Metadata", Kind.METADATA)
        self._quiet_objects("Extensions", Kind.METADATA)
        self._quiet_objects("StructTreeRoot", Kind.STRUCTURE)
        info = self.old.trailer.get("Info")
        if isinstance(info, Ref) and info.number in self.changed and not self._is_seen(info.number):
            self.explained.add(info.number)
            self.step.add(Kind.METADATA, True)

    def _permissions(self, before: Any, after: Any) -> None:
        """A certification given later than the first signature is none (ISO 32000-2, 12.8.2.2)."""
        if before is None and isinstance(self.new.resolve(after), dict):
            self.step.add(Kind.PERMISSIONS, True)
        else:
            self.step.add(Kind.PERMISSIONS, False)

    def _quiet_objects(self, key: str, kind: Kind) -> None:
        """Existing objects below that key of the catalogue that changed and that no page draws with."""
        if not self.changed - self.explained:
            return
        for view in (self.old, self.new):
            for number in _below(
                view, view.root.get(key), 20_000 if kind == Kind.STRUCTURE else 5_000, stop=self._stops(view)
            ):
                if number in self.changed and number not in self.explained and not self._is_seen(number):
                    self.explained.add(number)
                    self.step.add(kind, True)

    def _stops(self, view: View) -> set[int]:
        return {ref.number for ref in _page_refs(view)} if len(view.chain) < 100 else set()

    # The form

    def _form(self) -> None:
        before_form = self.old.resolve(self.old.root.get("AcroForm"))
        after_form = self.new.resolve(self.new.root.get("AcroForm"))
        if not isinstance(before_form, dict):
            before_form = {}
        if not isinstance(after_form, dict):
            after_form = {}
        for view in (self.old, self.new):
            ref = view.root.get("AcroForm")
            if isinstance(ref, Ref):
                self.explained.add(ref.number)
            form = view.resolve(ref)
            listed = form.get("Fields") if isinstance(form, dict) else None
            if isinstance(listed, Ref):
                self.explained.add(listed.number)
        for key in sorted(before_form.keys() | after_form.keys()):
            before, after = before_form.get(key), after_form.get(key)
            if key in ("Fields", "SigFlags") or _same(before, after):
                continue
            if key in ("DR", "DA"):
                self._resources(before, after)
            elif key == "NeedAppearances" and self.new.resolve(after) is not True:
                continue
            else:
                self.step.add(Kind.FORM, False, subject=key)
        self._resource_objects(before_form.get("DR"))
        before_fields = _by_name(fields(self.old, self._asked_for(listed_fields(self.old), listed_fields(self.new))))
        after_fields = _by_name(fields(self.new, self._asked_for(listed_fields(self.new), listed_fields(self.old))))
        self.looked_at = [*before_fields.values(), *after_fields.values()]
        for name in sorted(before_fields.keys() | after_fields.keys()):
            self._field(name, before_fields.get(name), after_fields.get(name))

    def _asked_for(self, listed: list[Any], other: list[Any]) -> list[Any]:
        """Those of the listed fields that the other view does not list, or whose objects changed; the rest stand as before."""
        others = {each.number for each in other if isinstance(each, Ref)}
        return [
            each
            for each in listed
            if not isinstance(each, Ref)
            or each.number not in others
            or self._is_touched(each.number, "AP", "Kids", "V")
        ]

    def _is_touched(self, number: int, *ways: str) -> bool:
        """Whether an object changed, or one of those it leads to on these ways."""
        kept = self.old.file.made_of
        parts = kept.get(number)
        if parts is None:
            parts = kept[number] = frozenset(_made_of(self.old, number, ways))
        if parts.isdisjoint(self.stirred):
            return False
        self.stale.add(number)
        return True

    def _resources(self, before: Any, after: Any) -> None:
        before, after = self.old.resolve(before), self.new.resolve(after)
        if before is None or isinstance(before, bytes):
            return
        if not isinstance(after, dict) or not isinstance(before, dict):
            self.step.add(Kind.FORM, False, subject="DR")
            return
        for key, value in before.items():
            inner_before, inner_after = self.old.resolve(value), self.new.resolve(after.get(key))
            if isinstance(inner_before, dict) and isinstance(inner_after, dict):
                if all(_same(each, inner_after.get(name)) for name, each in inner_before.items()):
                    continue
            elif _same(inner_before, inner_after):
                continue
            self.step.add(Kind.FORM, False, subject=f"DR/{key}")

    def _resource_objects(self, ref: Any) -> None:
        """The form's dictionaries of resources may grow: new fonts for new fields."""
        waiting = [ref]
        value = self.old.resolve(ref)
        if isinstance(value, dict):
            waiting += value.values()
        for each in waiting:
            if isinstance(each, Ref) and each.number in self.changed:
                before, after = self.old.get(each.number), self.new.get(each.number)
                if not isinstance(before, dict) or not isinstance(after, dict):
                    continue
                if all(_same(value, after.get(key)) or isinstance(value, dict) for key, value in before.items()):
                    self._resources(before, after)
                    if not self._is_seen(each.number):
                        self.explained.add(each.number)

    def _field(self, name: str, before: Field | None, after: Field | None) -> None:
        if after is None:
            kind = (
                Kind.SIGNATURE_REMOVED
                if before and before.kind == "Sig" and before.value is not None
                else Kind.FIELD_REMOVED
            )
            self.step.add(kind, False, subject=name)
            return
        if before is None:
            self._new_field(name, after)
            return
        same_object = before.number == after.number
        quiet = same_object and (after.number is None or after.number not in self.changed)
        parts = _parts(self.old, before) | _parts(self.new, after)
        as_before = after.number is not None or _same(before.entries, after.entries)
        if quiet and as_before and _same(before.value, after.value) and not parts & (self.changed | self._filled()):
            return
        if before.kind != after.kind:
            self.step.add(Kind.FIELD_CHANGED, False, subject=name)
            return
        if after.kind == "Sig":
            self._signature_field(name, before, after, parts)
        else:
            self._text_field(name, before, after, parts)

    def _new_field(self, name: str, after: Field) -> None:
        page = self.places.page_of(after)
        if after.kind == "Sig" and after.value is not None:
            self._signed(name, after, page)
        elif after.kind == "Sig":
            change = self.step.add(Kind.SIGNATURE_FIELD, True, page, name)
            self._draws(change, after, page)
        else:
            self.step.add(Kind.FORM_FIELD, False, page, name)
        self._explain(after)

    def _signed(self, name: str, after: Field, page: int | None) -> None:
        entries = self.new.resolve(after.value)
        entries = entries if isinstance(entries, dict) else {}
        stamp = entries.get("Type") == "DocTimeStamp" or entries.get("SubFilter") == "ETSI.RFC3161"
        if "Contents" not in entries:
            self.step.add(Kind.FORM_FIELD, False, page, name)
            return
        change = self.step.add(Kind.TIMESTAMP if stamp else Kind.SIGNATURE, True, page, name)
        self.step.signed.add(name)
        self._draws(change, after, page)

    def _signature_field(self, name: str, before: Field, after: Field, parts: set[int]) -> None:
        page = self.places.page_of(after)
        if before.value is None and after.value is not None:
            differing = _differing(before.entries, after.entries)
            if differing - FILLED_BY_SIGNING - WIDGET_SELF:
                self.step.add(Kind.FIELD_CHANGED, False, page, name)
            self._signed(name, after, page)
            self._explain(after)
            return
        if before.value is None:
            if self._is_changed(before, after, parts, {"Lock", "SV", "P", "F", "M"}):
                self.step.add(Kind.FIELD_CHANGED, False, page, name)
            else:
                self.step.add(Kind.SIGNATURE_FIELD, True, page, name)
            self._explain(after)
            return
        if after.value is None:
            self.step.add(Kind.SIGNATURE_REMOVED, False, page, name)
            return
        dictionary = {each.number for each in (before.value, after.value) if isinstance(each, Ref)}
        if not _same(before.value, after.value) or dictionary & self.changed:
            self.step.add(Kind.SIGNATURE_CHANGED, False, page, name)
        elif self._is_changed(before, after, parts, {"P", "M", "NM", "F"}):
            self.step.add(Kind.APPEARANCE, False, page, name)
        else:
            self._explain(after)

    def _is_changed(self, before: Field, after: Field, parts: set[int], quiet: set[str]) -> bool:
        """Whether a field is seen otherwise than before: its picture, whether it is shown or printed, anything but the `quiet`."""
        return bool(
            _differing(before.entries, after.entries) - quiet
            or parts & (self.changed | self._filled())
            or _shows(before.entries) != _shows(after.entries)
        )

    def _text_field(self, name: str, before: Field, after: Field, parts: set[int]) -> None:
        page = self.places.page_of(after)
        was, now = self.old.resolve(before.value), self.new.resolve(after.value)
        ours = name in OURS and after.kind == "Tx"
        differing = _differing(before.entries, after.entries)
        drawn = "AP" in differing or bool(parts & self.changed)
        if ours and differing <= {"V", "AP", "M", "DA", "MK"} and drawn and was != now:
            self.step.filled.add(name)
            change = self.step.add(Kind.FIELD, True, page, name)
            self._explain(after)
            self._explain(before)
            self._draws(change, after, page, letters=max(1, len(text_of(now))))
        elif was != now or drawn:
            self.step.add(Kind.FORM_FIELD, False, page, name)
            self._explain(after)
        elif differing - {"M", "P", "NM"}:
            self.step.add(Kind.FIELD_CHANGED, False, page, name)

    def _explain(self, found: Field) -> None:
        """The field's own object, its parents and its picture are spoken for by what was said of the field."""
        numbers = {number for number in (found.number, *_parts(self.new, found)) if number in self.changed}
        pictures = numbers - {found.number, *_kid_numbers(self.new, found)}
        self.explained |= numbers - pictures
        if pictures:
            self.explained |= pictures - self._reached_otherwise(found)
        above = found.entries.get("Parent")
        for _ in range(20):
            if not isinstance(above, Ref):
                return
            before, after = self.old.get(above.number), self.new.get(above.number)
            if not isinstance(before, dict) or not isinstance(after, dict):
                return
            if _differing(before, after) <= {"Kids", "V"}:
                self.explained.add(above.number)
            above = after.get("Parent")

    def _draws(self, change: Change, found: Field, page: int | None, *, letters: int = 0) -> None:
        """Say where a field is seen: on every page that lists it, whatever page it names itself."""
        for number, widget in _widgets(self.new, found):
            if number is not None:
                self.placed.add(number)
            box = _box(self.new, widget)
            if box is None or box[2] - box[0] <= 0.5 or box[3] - box[1] <= 0.5 or _is_hidden(widget):
                continue
            named = self.places.page_of_widget(widget, page)
            where = self.places.listing(number) | ({named} if named is not None else set())
            if _is_elsewhere(self.new, widget):
                self.step.add(Kind.FORM_FIELD, False, min(where, default=None), change.subject)
            for each in sorted(where):
                self.step.drawn.append(Drawn(change, each, box, letters))

    # The pages

    def _same_pages(self) -> bool:
        return _page_refs(self.old) == _page_refs(self.new) and _handed_down(self.old) == _handed_down(self.new)

    def _pages(self) -> None:
        if not self.changed - self.explained and not self._filled():
            return
        before, after = _page_refs(self.old), _page_refs(self.new)
        if before != after:
            gone, come = set(before) - set(after), set(after) - set(before)
            for place, ref in enumerate(before, 1):
                if ref in gone:
                    self.step.add(Kind.PAGE_REMOVED, False, place)
            for place, ref in enumerate(after, 1):
                if ref in come:
                    self.step.add(Kind.PAGE_ADDED, False, place)
            if not gone and not come:
                self.step.add(Kind.PAGES, False)
        widgets = {
            number for each in self.looked_at for number in (each.number, *_kid_numbers(self.new, each)) if number
        }
        kept = set(before)
        for place, ref in enumerate(after, 1):
            if ref in kept:
                self._page(ref.number, place, widgets)

    def _page(self, number: int, place: int, widgets: set[int]) -> None:
        before, after = self.old.get(number), self.new.get(number)
        if not isinstance(before, dict) or not isinstance(after, dict):
            return
        if number in self.changed:
            self.explained.add(number)
            differing = _differing(before, after)
            if "Parent" in differing:
                was, now = _taken(self.old, before), _taken(self.new, after)
                differing |= {key for key in HANDED_DOWN if not _same(was.get(key), now.get(key))}
            for key in sorted(differing - QUIET_PAGE):
                kind = Kind.SCRIPT if key == "AA" else Kind.PAGE_CONTENT
                self.step.add(kind, False, place, key)
        listed_before, listed_after = before.get("Annots"), after.get("Annots")
        for view, ref in ((self.old, listed_before), (self.new, listed_after)):
            if isinstance(ref, Ref) and isinstance(view.resolve(ref), list):
                self.explained.add(ref.number)
        notes_before, notes_after = self.old.resolve(listed_before), self.new.resolve(listed_after)
        notes_before = notes_before if isinstance(notes_before, list) else []
        notes_after = notes_after if isinstance(notes_after, list) else []
        kept_before = {note.number for note in notes_before if isinstance(note, Ref)}
        kept_after = {note.number for note in notes_after if isinstance(note, Ref)}
        stayed = [note for note in notes_before if isinstance(note, Ref) and note.number in kept_after]
        if stayed != [note for note in notes_after if isinstance(note, Ref) and note.number in kept_before]:
            self.step.add(Kind.ANNOTATION_CHANGED, False, place)
        for note in notes_before:
            if note.number not in kept_after if isinstance(note, Ref) else note not in notes_after:
                was = self.old.resolve(note)
                if isinstance(was, dict):
                    self.step.add(Kind.ANNOTATION_REMOVED, False, place, str(was.get("Subtype", "")))
        for note in notes_after:
            if isinstance(note, Ref) and note.number in widgets & (kept_before | self.placed):
                continue
            if note.number in kept_before if isinstance(note, Ref) else note in notes_before:
                if isinstance(note, Ref) and self._is_touched(note.number, "AP", "Kids", "V"):
                    self._kept_note(note, place)
            else:
                self._new_note(self.new.resolve(note), place)

    def _kept_note(self, note: Ref, place: int) -> None:
        parts = {note.number, *(_below(self.new, self._dictionary(note).get("AP"), 500))}
        if not parts & (self.changed | self._filled()):
            return
        before, after = self.old.get(note.number), self.new.get(note.number)
        quiet = (
            isinstance(before, dict)
            and isinstance(after, dict)
            and _differing(before, after) <= {"M", "P", "NM", "Popup"}
        )
        if quiet and not (parts - {note.number}) & (self.changed | self._filled()):
            self.explained.add(note.number)
            return
        self.explained |= parts & self.changed
        self.step.add(Kind.ANNOTATION_CHANGED, False, place, str(self._dictionary(note).get("Subtype", "")))

    def _dictionary(self, value: Any) -> dict[str, Any]:
        found = self.new.resolve(value)
        return found if isinstance(found, dict) else {}

    def _new_note(self, note: Any, place: int) -> None:
        if not isinstance(note, dict):
            return
        kind = str(self.new.resolve(note.get("Subtype")) or "")
        box = _box(self.new, note)
        acts = any(key in note for key in ("A", "AA", "PA")) and not _goes_inside(self.new.resolve(note.get("A")))
        if kind == "Widget":
            self.step.add(Kind.FORM_FIELD, False, place, kind)
        elif _is_elsewhere(self.new, note):
            self.step.add(Kind.ANNOTATION, False, place, kind)
        elif acts and kind != "Link":
            self.step.add(Kind.SCRIPT, False, place, kind)
        elif kind in MARKUP and not acts:
            change = self.step.add(Kind.ANNOTATION, True, place, kind)
            if kind != "Popup" and (kind != "Link" or "AP" in note):
                self.step.drawn.append(Drawn(change, place, box))
        elif kind in DRAWN:
            change = self.step.add(Kind.WRITING, True, place, kind)
            self.step.drawn.append(Drawn(change, place, box))
        else:
            self.step.add(Kind.ANNOTATION, False, place, kind)

    # Everything else

    def _rest(self) -> None:
        """What changed and plays none of the parts above: harmless only where nothing leads to it."""
        left = {number for number in self.changed | self._filled() if number not in self.explained}
        if not left:
            return
        reached = _below(self.old, self.old.trailer.get("Root"), CLOSURE) | _below(
            self.new, self.new.trailer.get("Root"), CLOSURE
        )
        for number in sorted(left):
            if number not in reached:
                continue
            pages = self._pages_with(number)
            if number in self.fresh:
                kind = Kind.HIDDEN_OBJECT
            else:
                kind = Kind.PAGE_CONTENT if pages else Kind.OBJECT
            where: list[int | None] = [*pages[:5]]
            for page in where or [None]:
                self.step.add(kind, False, page, _is_what(self.old.get(number) or self.new.get(number)))

    def _filled(self) -> set[int]:
        """New objects that the older bytes refer to already: something was kept ready to appear."""
        if not hasattr(self, "_filled_now"):
            fresh = {number for number in self.fresh if self.new.get(number) is not None}
            self._filled_now = self.old.mentioned(fresh)
        return self._filled_now

    def _is_seen(self, number: int) -> bool:
        """Whether a page draws with that object: its contents, its resources, the pictures of its notes."""
        return any(number in reached for view in (self.old, self.new) for reached in self._closures(view))

    def _reached_otherwise(self, found: Field) -> set[int]:
        """All that the document leads to on other ways than through this field's own widgets."""
        own = {number for number in (found.number, *_kid_numbers(self.new, found)) if number}
        reached: set[int] = set()
        for view in (self.old, self.new):
            reached |= _below(view, list(view.trailer.values()), CLOSURE, stop=own)
        return reached

    def _closures(self, view: View) -> list[set[int]]:
        key = id(view)
        if key not in self.closures:
            self.closures[key] = [_drawn_by(view, view.get(ref.number)) for ref in _page_refs(view)]
        return self.closures[key]

    def _pages_with(self, number: int) -> list[int]:
        return [
            place
            for place, reached in enumerate(self._closures(self.new), 1)
            if number in reached
            or (place <= len(self._closures(self.old)) and number in self._closures(self.old)[place - 1])
        ]


class _Places:
    """On which page (from 1) a field or widget stands."""

    def __init__(self, view: View) -> None:
        self.view = view
        self._pages: dict[int, int] | None = None
        self._notes: dict[int, set[int]] | None = None

    @property
    def pages(self) -> dict[int, int]:
        if self._pages is None:
            self._pages = {ref.number: place for place, ref in enumerate(_page_refs(self.view), 1)}
        return self._pages

    def page_of(self, found: Field) -> int | None:
        for _number, widget in _widgets(self.view, found):
            page = self.page_of_widget(widget, None)
            if page is not None:
                return page
        numbers = {found.number, *_kid_numbers(self.view, found)}
        return min((place for number in numbers for place in self.listing(number)), default=None)

    def page_of_widget(self, widget: dict[str, Any], otherwise: int | None) -> int | None:
        page = widget.get("P")
        return self.pages.get(page.number, otherwise) if isinstance(page, Ref) else otherwise

    def listing(self, number: int | None) -> set[int]:
        """The pages among whose notes it is."""
        if self._notes is None:
            self._notes = {}
            for page_number, place in self.pages.items():
                page = self.view.get(page_number)
                notes = self.view.resolve(page.get("Annots")) if isinstance(page, dict) else None
                for note in notes if isinstance(notes, list) else []:
                    if isinstance(note, Ref):
                        self._notes.setdefault(note.number, set()).add(place)
        return self._notes.get(number, set()) if number is not None else set()


def _same(before: Any, after: Any) -> bool:
    """Equal, and of the same kind: a name is not a string, true is not 1."""
    if type(before) is not type(after):
        return False
    if isinstance(before, dict):
        return before.keys() == after.keys() and all(_same(before[key], after[key]) for key in before)
    if isinstance(before, list):
        return len(before) == len(after) and all(map(_same, before, after))
    if isinstance(before, Stream):
        return before.raw == after.raw and _same(before.entries, after.entries)
    return bool(before == after)


def _differing(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    return {key for key in before.keys() | after.keys() if not _same(before.get(key), after.get(key))}


def _is_container(value: Any) -> bool:
    return isinstance(value, Stream) and value.entries.get("Type") in ("ObjStm", "XRef")


def _is_what(value: Any) -> str:
    entries = value.entries if isinstance(value, Stream) else value
    if isinstance(entries, dict):
        return str(entries.get("Subtype") or entries.get("Type") or ("stream" if isinstance(value, Stream) else ""))
    return type(value).__name__ if value is not None else ""


def _made_of(view: View, number: int, ways: tuple[str, ...]) -> set[int]:
    """A field's or note's own object and what it is made of: its kids, its value, its pictures."""
    reached, waiting = set[int](), [number]
    while waiting:
        each = waiting.pop()
        if each in reached or len(reached) > 2_000:
            continue
        reached.add(each)
        entries = view.get(each)
        if isinstance(entries, dict):
            for way in ways:
                value = entries.get(way)
                if way == "Kids":
                    waiting += [ref.number for ref in references(view.resolve(value))]
                    waiting += [ref.number for ref in references(value)]
                elif way == "V":
                    reached |= {ref.number for ref in references(value)}
                else:
                    reached |= _below(view, value, 500)
    return reached


def _grown(old: View, new: View, before: Any, after: Any) -> bool:
    """Whether the tree of names says more than before, beyond an empty one."""
    return bool(old.resolve(before) or new.resolve(after))


def _by_name(found: list[Field]) -> dict[str, Field]:
    named: dict[str, Field] = {}
    for each in found:
        named.setdefault(each.name or f"#{each.number}", each)
    return named


def _widgets(view: View, found: Field) -> Iterator[tuple[int | None, dict[str, Any]]]:
    """The pictures of a field, each with the number of its object."""
    if "Rect" in found.entries:
        yield found.number, found.entries
    kids = view.resolve(found.entries.get("Kids"))
    for kid in kids if isinstance(kids, list) else []:
        widget = view.resolve(kid)
        if isinstance(widget, dict):
            yield kid.number if isinstance(kid, Ref) else None, widget


def _kid_numbers(view: View, found: Field) -> set[int]:
    kids = view.resolve(found.entries.get("Kids"))
    return {kid.number for kid in kids if isinstance(kid, Ref)} if isinstance(kids, list) else set()


def _parts(view: View, found: Field) -> set[int]:
    """The objects of a field's widgets and pictures."""
    numbers = set(_kid_numbers(view, found))
    for _number, widget in _widgets(view, found):
        numbers |= _below(view, widget.get("AP"), 500)
    return numbers


def _box(view: View, widget: dict[str, Any]) -> tuple[float, float, float, float] | None:
    edges = view.resolve(widget.get("Rect"))
    if not isinstance(edges, list) or len(edges) != 4:
        return None
    numbers = [view.resolve(edge) for edge in edges]
    if not all(isinstance(number, (int, float)) for number in numbers):
        return None
    left, bottom, right, top = (float(number) for number in numbers)
    return min(left, right), min(bottom, top), max(left, right), max(bottom, top)


def _is_hidden(widget: dict[str, Any]) -> bool:
    flags = widget.get("F")
    return isinstance(flags, int) and bool(flags & 2)


def _shows(widget: dict[str, Any]) -> int:
    """Those flags of a note that say whether it is seen or printed."""
    flags = widget.get("F")
    return (flags if isinstance(flags, int) else 0) & ~LOCKS


def _is_elsewhere(view: View, note: dict[str, Any]) -> bool:
    """Whether a note is seen otherwise than the page is drawn here: on paper only, in a layer that is switched, by a border that
    paints, by marks that lie outside its place."""
    flags = note.get("F")
    if isinstance(flags, int) and flags & (32 | 256) and not flags & 2 and "AP" in note:
        return True
    if "OC" in note or any(_is_layered(view.get(number)) for number in _below(view, note.get("AP"), 500)):
        return True
    style, border = view.resolve(note.get("BS")), view.resolve(note.get("Border"))
    wide = [view.resolve(style.get("W"))] if isinstance(style, dict) else []
    wide += [view.resolve(border[2])] if isinstance(border, list) and len(border) > 2 else []
    if any(isinstance(each, (int, float)) and each > THICK for each in wide):
        return True
    box, marks = _box(view, note), view.resolve(note.get("QuadPoints"))
    points = [view.resolve(each) for each in marks] if isinstance(marks, list) else []
    if box is None or not all(isinstance(each, (int, float)) for each in points):
        return bool(points)
    across, down = points[::2], points[1::2]
    return any(not box[0] - 10 <= each <= box[2] + 10 for each in across) or any(
        not box[1] - 10 <= each <= box[3] + 10 for each in down
    )


def _is_layered(value: Any) -> bool:
    entries = value.entries if isinstance(value, Stream) else value
    if not isinstance(entries, dict):
        return False
    resources = entries.get("Resources")
    return "OC" in entries or "Properties" in entries or (isinstance(resources, dict) and "Properties" in resources)


def _goes_inside(action: Any) -> bool:
    return isinstance(action, dict) and action.get("S") == "GoTo" and "Next" not in action


def _page_refs(view: View) -> list[Ref]:
    """The pages in order. :raises TooMuch: more than any document has"""
    kept = getattr(view, "_page_refs", None)
    if kept is not None:
        return list(kept)
    found: list[Ref] = []
    seen: set[int] = set()
    waiting: list[Any] = [view.root.get("Pages")]
    while waiting:
        ref = waiting.pop()
        if not isinstance(ref, Ref) or ref.number in seen:
            continue
        seen.add(ref.number)
        if len(seen) > MOST_PAGES:
            raise TooMuch("more pages than any document has")
        node = view.get(ref.number)
        kids = view.resolve(node.get("Kids")) if isinstance(node, dict) else None
        if isinstance(kids, list):
            waiting.extend(reversed(kids))
        elif isinstance(node, dict):
            found.append(ref)
    view._page_refs = found  # type: ignore[attr-defined]
    return found


def _taken(view: View, page: dict[str, Any]) -> dict[str, Any]:
    """What a page has of itself and takes from the nodes that it names above itself."""
    found: dict[str, Any] = {}
    node, steps = page, 0
    while isinstance(node, dict) and steps < 50:
        found = {key: node[key] for key in HANDED_DOWN if key in node} | found
        node, steps = view.resolve(node.get("Parent")), steps + 1
    return found


def _handed_down(view: View) -> list[dict[str, Any]]:
    """What the tree of pages hands down, from its root, to each page in order."""
    found: list[dict[str, Any]] = []
    seen: set[int] = set()
    waiting: list[tuple[Any, dict[str, Any]]] = [(view.root.get("Pages"), {})]
    while waiting:
        ref, given = waiting.pop()
        node = view.get(ref.number) if isinstance(ref, Ref) and ref.number not in seen else None
        if not isinstance(node, dict):
            continue
        seen.add(ref.number)
        given = given | {key: node[key] for key in HANDED_DOWN if key in node}
        kids = view.resolve(node.get("Kids"))
        if isinstance(kids, list):
            waiting.extend((kid, given) for kid in reversed(kids))
        else:
            found.append(given)
    return found


UPWARDS = {"Parent", "P", "Popup", "IRT", "StructParent", "StructParents", "Dest", "A", "AA", "B"}


def _drawn_by(view: View, page: Any, without: Iterable[int | None] = ()) -> set[int]:
    """Every object a page is drawn with: contents, resources (its parents' too), its notes and their pictures."""
    if not isinstance(page, dict):
        return set()
    waiting: list[Any] = [page.get("Contents"), page.get("Resources"), page.get("Group")]
    above, steps = page.get("Parent"), 0
    while isinstance(above, Ref) and steps < 50:
        parent = view.get(above.number)
        waiting.append(parent.get("Resources") if isinstance(parent, dict) else None)
        above, steps = parent.get("Parent") if isinstance(parent, dict) else None, steps + 1
    without = set(without)
    notes = view.resolve(page.get("Annots"))
    reached: set[int] = set()
    for note in notes if isinstance(notes, list) else []:
        if isinstance(note, Ref):
            if note.number in without:
                continue
            reached.add(note.number)
        entries = view.resolve(note)
        if isinstance(entries, dict):
            waiting.append({key: value for key, value in entries.items() if key in ("AP", "MK", "DR")})
    for each in waiting:
        reached |= _below(view, each, 50_000)
    return reached


def _below(view: View, start: Any, most: int, stop: set[int] = frozenset()) -> set[int]:  # type: ignore[assignment]
    """The numbers of every object that a value leads to, at most so many."""
    reached: set[int] = set()
    waiting = [ref.number for ref in references(start)]
    while waiting:
        number = waiting.pop()
        if number in reached or number in stop:
            continue
        reached.add(number)
        if len(reached) > most:
            if most >= CLOSURE:
                raise TooMuch("more objects than any document has")
            return reached
        waiting.extend(ref.number for ref in references(view.get(number)))
    return reached


def locked(view: View, entries: dict[str, Any], holder: dict[str, Any]) -> tuple[int, bool, set[str], set[str]]:
    """What a signature forbids: its certification level (0: none), whether it locks all fields, those it locks, and does not."""
    level, everything, included, excluded = 0, False, set[str](), set[str]()
    listed = view.resolve(entries.get("Reference"))
    rules = [view.resolve(each) for each in listed] if isinstance(listed, list) else []
    lock = view.resolve(holder.get("Lock"))
    if isinstance(lock, dict):
        rules.append({"TransformMethod": Name("FieldMDP"), "TransformParams": lock})
        if view.resolve(lock.get("P")) in (1, 2, 3):
            level = int(view.resolve(lock["P"]))
    for rule in rules:
        if not isinstance(rule, dict):
            continue
        told = view.resolve(rule.get("TransformParams"))
        told = told if isinstance(told, dict) else {}
        if rule.get("TransformMethod") == "DocMDP":
            said = view.resolve(told.get("P", 2))
            level = said if said in (1, 2, 3) else 2
        elif rule.get("TransformMethod") == "FieldMDP":
            names = view.resolve(told.get("Fields"))
            named = {text_of(view.resolve(each)) for each in names} if isinstance(names, list) else set()
            action = told.get("Action")
            everything = everything or action == "All"
            if action == "Include":
                included |= named
            elif action == "Exclude":
                everything, excluded = True, excluded | named
    return level, everything, included, excluded
