"""The handful of components every page is composed of. `/gallery` shows each once.

A part takes plain values (words, tone, icon, href); the view decides them. The smallest parts are written here, because a list of
fifty rows draws hundreds of them; the larger ones are templates in `templates/parts/`. Everything is autoescaped.

Extra attributes are given as keywords: `data_act=True` becomes `data-act`, `popovertarget="more"` stays. A style attribute or an
event handler is refused: the policy of the pages (`middleware.py`) forbids both.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django import template
from django.forms import BoundField
from django.template.loader import render_to_string
from django.utils import formats
from django.utils.html import conditional_escape, escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from antin.web import assets
from antin.web.clocks import LOCAL, Clock
from antin.web.days import DayInput
from antin.web.tones import Tone

register = template.Library()

_FORBIDDEN = re.compile(r"^(on|style$)")
SECRET_STAMPS = frozenset({"MẬT", "TỐI MẬT", "TUYỆT MẬT"})
NOTHING = mark_safe("")


def _attributes(given: Mapping[str, Any]) -> SafeString:
    """` name="value"` for each; True stands alone, None and False are left out.

    :raises ValueError: a style attribute or an event handler
    """
    written = [
        f' {_plain(name)}="{"" if value is True else conditional_escape(value)}"'
        for name, value in given.items()
        if not (value is None or value is False or value == "")
    ]
    return mark_safe("".join(written))  # noqa: S308 - names are checked, values escaped


@lru_cache(maxsize=500)
def _plain(name: str) -> str:
    """The name of an attribute as HTML has it. :raises ValueError: a style, or an event handler"""
    plain = str(escape(name.rstrip("_").replace("_", "-")))
    if _FORBIDDEN.match(plain):
        raise ValueError(f"A part takes no attribute {plain!r}")
    return plain


# ---- assets --------------------------------------------------------------------------------------------------------------------


@register.simple_tag
def asset(source: str) -> str:
    """Address of a built file: `src/main.ts`, `src/mark.svg`."""
    return assets.url(source)


@register.simple_tag
def style_sheets() -> SafeString:
    return format_html_join("\n", '<link rel="stylesheet" href="{}">', ((each,) for each in assets.styles()))


# ---- the smallest parts --------------------------------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str, cls: str = "") -> SafeString:
    """A picture beside words; never alone, so never read aloud."""
    return _drawn_icon(assets.url(assets.ICONS), name, f" {cls}" if cls else "")


@lru_cache(maxsize=500)
def _drawn_icon(address: str, name: str, extra: str) -> SafeString:
    return format_html('<svg class="icon{}" aria-hidden="true"><use href="{}#i-{}"/></svg>', extra, address, name)


def _toned(kind: str, words: str | Tone, tone: str, sign: str) -> SafeString:
    state = words if isinstance(words, Tone) else Tone(words, tone, sign)
    return _drawn_tone(kind, str(state.words), state.tone, state.icon)


@lru_cache(maxsize=2000)
def _drawn_tone(kind: str, words: str, tone: str, sign: str) -> SafeString:
    """The few states there are come again in every row of every list."""
    picture = icon(sign) if sign else NOTHING
    return format_html('<span class="{}"{}>{}{}</span>', kind, _attributes({"data_tone": tone}), picture, words)


@register.simple_tag
def tag(words: str | Tone, tone: str = "", sign: str = "") -> SafeString:
    """Where the work stands: wash, icon, word. Takes a `Tone`, or its three values."""
    return _toned("tag", words, tone, sign)


@register.simple_tag
def said(words: str | Tone, tone: str = "", sign: str = "") -> SafeString:
    """A state inside a line of text: icon and word, no wash."""
    return _toned("said", words, tone, sign)


@register.simple_tag
def stamp(words: str, secret: bool | None = None) -> SafeString:
    """What the paper itself carries, in its own capitals: KHẨN, HỎA TỐC, MẬT."""
    if not words:
        return NOTHING
    classified = words in SECRET_STAMPS if secret is None else secret
    if classified:
        return format_html('<span class="stamp" data-kind="secret">{}{}</span>', icon("lock"), words)
    return format_html('<span class="stamp">{}</span>', words)


@register.simple_tag
def clock(words: str | Clock | None, tone: str = "", at: str = "") -> SafeString:
    """How long is left. Takes a `Clock` of `antin.web.clocks`, or words, tone and the exact moment."""
    if not words:
        return NOTHING
    if isinstance(words, Clock):
        words, tone, at = words
    sign = {"late": "warning", "warn": "clock"}.get(tone)
    attributes = _attributes({"data_tone": tone, "title": at})
    return format_html('<span class="clock"{}>{}{}</span>', attributes, icon(sign) if sign else NOTHING, words)


@register.simple_tag
def kbd(key: str) -> SafeString:
    return format_html('<kbd class="kbd">{}</kbd>', key)


@register.simple_tag
def btn(
    words: str,
    kind: str = "",
    sign: str = "",
    href: str = "",
    key: str = "",
    count: str | int = "",
    cls: str = "",
    **more: Any,
) -> SafeString:
    """A button, or a link that looks like one.

    `kind`: "" quiet, `main` the one solid act of a view, `bare` words only, `seal` sealing, `danger` what cannot be undone.
    `why`: id of the element that says why the act is not possible; the button then stays focusable and does nothing.
    """
    why = more.pop("why", "")
    if why:
        more |= {"aria_disabled": "true", "aria_describedby": why}
    more.setdefault("aria_keyshortcuts", key)
    inside = format_html(
        "{}{}{}{}",
        icon(sign) if sign else NOTHING,
        words,
        format_html(' <span class="count">{}</span>', count) if count != "" else NOTHING,
        format_html(' <kbd class="kbd" aria-hidden="true">{}</kbd>', key) if key else NOTHING,
    )
    named = f"btn {cls}" if cls else "btn"
    if href and not why:
        return format_html(
            '<a class="{}" href="{}"{}>{}</a>', named, href, _attributes({"data_kind": kind, **more}), inside
        )
    more.setdefault("type", "button")
    return format_html('<button class="{}"{}>{}</button>', named, _attributes({"data_kind": kind, **more}), inside)


@register.simple_tag
def ibtn(label: str, sign: str, kind: str = "bare", href: str = "", **more: Any) -> SafeString:
    """A button of one icon; its label is its name and its tip."""
    attributes = _attributes({"data_shape": "icon", "data_kind": kind, "aria_label": label, "title": label, **more})
    if href:
        return format_html('<a class="btn" href="{}"{}>{}</a>', href, attributes, icon(sign))
    more_type = "" if "type" in more else mark_safe(' type="button"')
    return format_html('<button class="btn"{}{}>{}</button>', more_type, attributes, icon(sign))


@register.simple_tag
def why(words: str, sign: str = "info", id: str = "") -> SafeString:
    """A quiet line that explains: why an act is not possible, how a figure was counted."""
    return format_html('<p class="why"{}>{}<span>{}</span></p>', _attributes({"id": id}), icon(sign), words)


# ---- words for numbers and moments ---------------------------------------------------------------------------------------------


@register.filter
def num(value: int | None) -> str:
    """2148 as "2 148", with a space that does not break."""
    return "" if value is None else f"{value:,}".replace(",", "\u00a0")


@register.filter
def decimal(value: float) -> str:
    """One digit after the comma, or the point of the reader's language: 91,4."""
    return f"{value:.1f}".replace(".", formats.get_format("DECIMAL_SEPARATOR"))


@register.simple_tag
def day(value: date | datetime | None, short: bool = False) -> SafeString:
    """A Vietnamese calendar date: 23/11/2026, or 23/11."""
    if value is None:
        return NOTHING
    local = value.astimezone(LOCAL) if isinstance(value, datetime) else value
    return format_html(
        '<time datetime="{}">{}</time>', f"{local:%Y-%m-%d}", f"{local:%d/%m}" if short else f"{local:%d/%m/%Y}"
    )


@register.simple_tag
def day_field(name: str, value: str, label: str) -> SafeString:
    """A field for a day outside a form of Django's, with what was written in it."""
    return DayInput().render(name, value, {"class": "input", "aria-label": label})


@register.simple_tag
def moment(value: datetime | None, today: date | None = None, cls: str = "") -> SafeString:
    """A moment on the Vietnamese clock: 08:41 23/11/2026; with `today` the date is left out when it is today's."""
    if value is None:
        return NOTHING
    local = value.astimezone(LOCAL)
    words = f"{local:%H:%M}" if today == local.date() else f"{local:%H:%M %d/%m/%Y}"
    return format_html(
        '<time datetime="{}"{}>{}</time>', local.isoformat(timespec="seconds"), _attributes({"class": cls}), words
    )


# ---- rows of the desk and of lists ---------------------------------------------------------------------------------------------


@register.simple_tag
def work_group(words: str, n: int | str, aside: str = "", level: int = 2) -> SafeString:
    """Heading of a group of work rows: by time, then by urgency."""
    side = format_html('<span class="aside">{}</span>', aside) if aside else NOTHING
    return format_html('<h{0} class="work-group">{1} <span class="num">{2}</span>{3}</h{0}>', level, words, n, side)


def _act_form(context: template.Context, cls: str, to: str, hidden: SafeString, button: SafeString) -> SafeString:
    token = context.get("csrf_token") or ""
    return format_html(
        '<form class="{}" method="post" action="{}"><input type="hidden" name="csrfmiddlewaretoken" value="{}">{}{}</form>',
        cls,
        to,
        token,
        hidden,
        button,
    )


@register.simple_tag(takes_context=True)
def work_row(
    context: template.Context,
    kind: str,
    sign: str,
    title: str,
    href: str,
    meta: str = "",
    when: Clock | str | None = None,
    act: str = "",
    act_href: str = "",
    act_post: str = "",
    act_kind: str = "",
    stamped: str = "",
    current: bool = False,
    ident: str = "",
    back: str = "",
) -> SafeString:
    """One thing to do: kind | what | clock | the one act. `act_post` makes the act a form with one button, `act_href` a link.

    `back` names the place to which the form wants to come back."""
    done = NOTHING
    if act_post:
        hidden = format_html('<input type="hidden" name="back" value="{}">', back) if back else NOTHING
        done = _act_form(context, "act", act_post, hidden, btn(act, kind=act_kind, type="submit"))
    elif act:
        done = btn(act, kind=act_kind, href=act_href or href)
    return format_html(
        '<li class="work-row" data-row{}><span class="kind">{}{}</span>'
        '<div class="what"><a class="title" href="{}">{}{}</a>{}</div>{}{}</li>',
        _attributes({"aria_current": "true" if current else "", "id": ident}),
        icon(sign),
        kind,
        href,
        format_html("{} ", stamp(stamped)) if stamped else NOTHING,
        title,
        format_html('<p class="meta">{}</p>', meta) if meta else NOTHING,
        clock(when),
        done,
    )


@register.simple_tag(takes_context=True)
def doc_row(
    context: template.Context,
    no: str,
    party: str,
    title: str,
    href: str,
    symbol: str = "",
    state: Tone | None = None,
    when: Clock | str | None = None,
    stamps: Sequence[str] = (),
    clips: int = 0,
    bad: str = "",
    unread: bool = False,
    current: bool = False,
    masked: bool = False,
    pick: str = "",
    pick_label: str = "",
    pick_form: str = "",
    pane: str = "",
    act: str = "",
    act_post: str = "",
    passage: str = "",
) -> SafeString:
    """One document of a list. `pick` is the value of its tick (none: no tick) in the form `pick_form`; `pane` the CSS selector of
    the reading pane that htmx fills instead of leaving the page; `act` the one act that can be done from the row, by a form to
    `act_post`; `passage` a piece of its text, where that is why it is shown."""
    marks = {"data_unread": unread, "aria_current": "true" if current else "", "data_masked": masked}
    tick = {"type": "checkbox", "name": "pick", "value": pick, "aria_label": pick_label, "form": pick_form}
    leads = {"hx_get": href, "hx_target": pane, "hx_push_url": "true"} if pane else {}
    said_of = [stamp(each) for each in stamps]
    said_of += [said(state)] if state else []
    said_of += [said(bad, "late", "shield-x")] if bad else []
    return format_html(
        '<li class="doc-row" data-row{}><div class="side"><span class="no">{}</span>{}</div>'
        '<div><div class="first"><span class="from">{}</span>{}</div>'
        '<a class="title" href="{}"{}>{}{}</a>{}'
        '<div class="last">{}<span class="push">{}<span class="num">{}</span></span></div>{}</div></li>',
        _attributes(marks),
        no,
        format_html('<input class="tick"{}>', _attributes(tick)) if pick else NOTHING,
        party,
        clock(when),
        href,
        _attributes(leads),
        format_html('<span class="sr">{} </span>', _("Chưa đọc:")) if unread else NOTHING,
        title,
        format_html('<p class="passage">{}</p>', passage) if passage else NOTHING,
        format_html_join("", "{}", ((each,) for each in said_of)),
        format_html(
            '<span class="clip">{}<span class="sr">{} </span>{}</span>', icon("clip"), _("Tệp đính kèm:"), clips
        )
        if clips
        else NOTHING,
        symbol,
        _act_form(context, "row-act", act_post, NOTHING, btn(act, type="submit")) if act else NOTHING,
    )


# ---- facts, verification, what happened ----------------------------------------------------------------------------------------


@register.simple_block_tag
def facts(content: str, lines: bool = False) -> SafeString:
    """Header facts; inside it `fact`. `lines` puts term and fact on one line."""
    return format_html('<dl class="facts"{}>{}</dl>', _attributes({"data_form": "lines" if lines else ""}), content)


@register.simple_block_tag
def fact(content: str, term: str, cls: str = "") -> SafeString:
    """One fact; draws nothing when its content is empty."""
    if not content.strip():
        return NOTHING
    return format_html("<div><dt>{}</dt><dd{}>{}</dd></div>", term, _attributes({"class": cls}), content)


@register.simple_block_tag
def verdict(content: str, words: str, tone: str) -> SafeString:
    """The verdict on a document: `ok` valid, `warn` cannot be determined, `late` invalid; its legal meaning is the content."""
    sign = {"ok": "shield-check", "warn": "shield-ask", "late": "shield-x"}[tone]
    inside = format_html('{}<p class="say">{}</p>{}', icon(sign), words, content)
    return format_html('<div class="verdict" data-tone="{}">{}</div>', tone, inside)


@register.simple_block_tag
def proof(content: str, words: str, tone: str, because: str = "") -> SafeString:
    """One line of verification: who, why, and evidence (the content) in a fold."""
    sign = {"ok": "shield-check", "warn": "shield-ask", "late": "shield-x"}[tone]
    reason = format_html('<p class="because">{}</p>', because) if because else NOTHING
    return format_html(
        '<li><div class="proof">{}<span>{}</span></div>{}{}</li>', icon(sign, tone), words, reason, content
    )


@register.simple_block_tag
def disclose(content: str, words: str, cls: str = "") -> SafeString:
    """A fold: evidence and explanations, one click away."""
    named = f"disclose {cls}" if cls else "disclose"
    return format_html('<details class="{}"><summary>{}{}</summary>{}</details>', named, icon("right"), words, content)


@register.simple_block_tag
def directive(content: str, words: str, by: str, at: datetime | None = None) -> SafeString:
    """Bút phê: the leader's own words, who wrote them and when; facts of what was given are the content."""
    when = format_html(', <span class="nowrap">{}</span>', moment(at)) if at else NOTHING
    head = format_html('<blockquote>{}</blockquote><p class="by">{}{}</p>', words, by, when)
    return format_html('<div class="directive">{}{}</div>', head, content)


@register.inclusion_tag("parts/timeline.html")
def timeline(events: Iterable[Mapping[str, Any]], today: date | None = None) -> dict[str, Any]:
    """Everything that happened, newest first. An event: `words`, `sign`, `tone`, `at` or `when` (words), `next`, `detail`, `by`."""
    return {"events": events, "today": today}


@register.inclusion_tag("parts/stepper.html")
def stepper(steps: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The stages of a life: (words, "done" | "now" | "")."""
    return {"steps": steps}


# ---- receipt board and figures -------------------------------------------------------------------------------------------------


@register.inclusion_tag("parts/receipt_row.html", takes_context=True)
def receipt_row(
    context: template.Context,
    unit: str,
    state: Tone,
    times: Sequence[str],
    code: str = "",
    number: str = "",
    note: str = "",
    act: str = "",
    act_href: str = "",
    act_post: str = "",
    act_bare: bool = False,
    ident: str = "",
    way: str = "",
) -> dict[str, Any]:
    """One recipient on the board. `times`: words for the five stations, in order, as far as it came; `ident` its anchor.

    `way` names the channel to an agency outside the node.
    """
    names = [_("Gửi"), _("Đến"), _("Tiếp nhận"), _("Phân công"), _("Hoàn thành")]
    last = len(times) - 1
    stations = [
        {
            "name": name,
            "time": times[i] if i <= last else "",
            "first": i == 0,
            "last": i == 4,
            "done": i <= last,
            "now": i == last,
        }
        for i, name in enumerate(names)
    ]
    row = {
        "unit": unit,
        "state": state,
        "code": code,
        "number": number,
        "note": note,
        "stations": stations,
        "ident": ident,
        "way": way,
    }
    acts = {"act": act, "act_href": act_href, "act_post": act_post, "act_bare": act_bare}
    return {**row, **acts, "csrf_token": context.get("csrf_token")}


@register.simple_tag
def bullet(value: float, aim: float, tone: str = "", label: str = "") -> SafeString:
    """A bar with its target line. Geometry is SVG attributes, so the policy against style attributes holds."""
    words = _("%(value)s phần trăm, chỉ tiêu %(aim)s phần trăm") % {"value": decimal(value), "aim": f"{aim:g}"}
    text = NOTHING
    if label:
        anchor = "start" if aim < 20 else "middle" if aim < 80 else "end"
        text = format_html(
            '<text x="{}%" y="31" text-anchor="{}">{}</text>', f"{aim if aim < 97 else 100:g}", anchor, label
        )
    return format_html(
        '<svg class="bullet" height="{}" role="img" aria-label="{}"{}><rect class="track" y="4" width="100%" height="8" rx="1.5"/>'
        '<rect class="value-bar" y="4" width="{}%" height="8"/><rect class="target" x="{}%" width="2" height="16"/>{}</svg>',
        34 if label else 16,
        words,
        _attributes({"data_tone": tone}),
        f"{min(100, value):.2f}",
        f"{aim - 0.3:.2f}" if aim < 100 else "99.4",
        text,
    )


@register.inclusion_tag("parts/figure.html")
def figure(
    name: str, value: float, aim: float, words: str, met: bool, href: str = "", exactly: bool = False, label: str = ""
) -> dict[str, Any]:
    """A figure with its target: value, bullet bar, and whether it is met, in words."""
    return locals()


@register.simple_tag
def heat_cell(
    value: float, aim: float, href: str = "", lower: bool = False, few: bool = False, aside: bool = False
) -> SafeString:
    """A cell that is paper when the target is met and warmer the further it is missed; value and gap are always printed.

    `lower`: the target is not to be passed. `few`: the value rests on few rows and says little; it is never coloured. `aside`: left
    out where the window is narrow."""
    return heat_cells([{"value": value, "aim": aim, "href": href, "lower": lower, "few": few, "aside": aside}])


@register.simple_tag
def heat_cells(cells: Sequence[Mapping[str, Any]]) -> SafeString:
    """A row of cells at once, each with the arguments of `heat_cell`; a cell without a value is a dash. A page has hundreds."""
    met, little = escape(_("đạt")), escape(_("ít"))
    point = formats.get_format("DECIMAL_SEPARATOR")
    found = []
    for cell in cells:
        value, few, lower = cell["value"], cell["few"], cell["lower"]
        aside = " data-aside" if cell["aside"] else ""
        if value is None:
            found.append(f'<td class="num"{aside}>–</td>')
            continue
        gap = round(cell["aim"] - value if lower else value - cell["aim"], 1)
        warmth = 0 if gap >= 0 or few else 1 if gap > -5 else 2 if gap > -15 else 3
        words = little if few else met if gap >= 0 else f"{'+' if lower else '−'}{-gap:.1f}".replace(".", point)
        inside = f"{value:.1f}".replace(".", point) + f" <small>{words}</small>"
        led = f'<a href="{html.escape(cell["href"])}">{inside}</a>' if cell["href"] else inside
        found.append(f'<td data-gap="{warmth}"{" data-few" if few else ""}{aside}>{led}</td>')
    return mark_safe("".join(found))  # noqa: S308 - words and addresses are escaped


@register.simple_tag
def heat_count(n: int, of: int, href: str = "", words: str = "", warm: bool = True, aside: bool = False) -> SafeString:
    """A cell of a table of counts: warmer the larger its part of `of`; the number is always printed, nought is never coloured.

    `words` say whose and what it counts, for who does not see the table. `warm=False`: a count that is neither good nor bad."""
    part = n / of if of else 0.0
    warmth = 0 if not n or not warm else 1 if part < 0.1 else 2 if part < 0.25 else 3
    named = {"aria_label": f"{words}: {n}"} if words else {}
    inside = format_html('<a href="{}"{}>{}</a>', href, _attributes(named), num(n)) if href and n else num(n)
    return format_html("<td{}>{}</td>", _attributes({"data_gap": str(warmth), "data_aside": aside}), inside)


@register.simple_tag
def trend(points: Sequence[tuple[str, float | None]], aim: float | None = None) -> SafeString:
    """Values of some periods, the oldest first, as a line with its target; a period without a value is left out."""
    known = [(place, value) for place, (_words, value) in enumerate(points) if value is not None]
    if len(known) < 2:
        return NOTHING
    values = [value for _place, value in known] + ([aim] if aim is not None else [])
    low, high = min(values), max(values)
    span = (high - low) or 1.0

    def spot(place: int, value: float) -> str:
        return f"{2 + 296 * place / (len(points) - 1):.1f},{70 - 60 * (value - low) / span:.1f}"

    spots = [spot(place, value) for place, value in known]
    first, last = points[known[0][0]], points[known[-1][0]]
    label = _("Diễn biến từ %(first)s đến %(last)s: %(a)s đến %(b)s") % {
        "first": first[0],
        "last": last[0],
        "a": decimal(known[0][1]),
        "b": decimal(known[-1][1]),
    }
    line = ""
    if aim is not None:
        height = spot(0, aim).split(",")[1]
        line = format_html('<line class="aim" x1="0" x2="300" y1="{0}" y2="{0}"/>', height)
    end = spots[-1].replace(",", " ")
    drawn = format_html(
        '<svg class="trend" viewBox="0 0 300 76" preserveAspectRatio="none" role="img" aria-label="{}">{}'
        '<polyline class="path" points="{}"/><path class="end" d="M{}h0"/></svg>',
        label,
        line,
        " ".join(spots),
        end,
    )
    ends = format_html(
        '<p class="trend-ends"><span>{}: {}</span><b>{}: {}</b></p>',
        first[0],
        decimal(known[0][1]),
        last[0],
        decimal(known[-1][1]),
    )
    return drawn + ends


@register.simple_tag
def share(parts: Sequence[tuple[str, int, str]]) -> SafeString:
    """Parts of a whole on one bar: (tone, count, words); tones ok, flow, idle, warn, late."""
    total = sum(count for _tone, count, _words in parts) or 1
    at, bars = 0.0, []
    for tone, count, _words in parts:
        width = 100 * count / total
        bars.append((tone, f"{at:.2f}", f"{width:.2f}"))
        at += width
    label = ", ".join(f"{count} {words}" for _tone, count, words in parts)
    drawn = format_html_join("", '<rect class="{}" x="{}%" width="{}%" height="12"/>', bars)
    return format_html('<svg class="share" role="img" aria-label="{}">{}</svg>', label, drawn)


@register.inclusion_tag("parts/legend.html")
def legend(parts: Iterable[tuple[str, int, str, str]]) -> dict[str, Any]:
    """The words of a share bar: (tone, count, words, href)."""
    return {"parts": parts}


# ---- sections, notices, what floats --------------------------------------------------------------------------------------------


@register.simple_block_tag
def section(content: str, heading: str, id: str = "", href: str = "", link: str = "", level: int = 2) -> SafeString:
    """A heading with a hairline, and a quiet link at its end."""
    aside = format_html('<a href="{}">{}</a>', href, link) if href else NOTHING
    head = format_html("<header><h{0}>{1}</h{0}>{2}</header>", level, heading, aside)
    return format_html('<section class="section"{}>{}{}</section>', _attributes({"id": id}), head, content)


@register.simple_block_tag
def notice(content: str, tone: str = "", sign: str = "info") -> SafeString:
    """What stays true for a while: a fault of the surroundings, a rule. (What just happened is a toast.)"""
    attributes = _attributes({"data_tone": tone, "role": "alert" if tone == "late" else ""})
    return format_html('<div class="notice"{}>{}<div>{}</div></div>', attributes, icon(sign), content)


@register.simple_block_tag
def empty(content: str, heading: str, sign: str = "check", level: int = 2) -> SafeString:
    """An empty list explains itself."""
    return format_html('<div class="empty">{0}<h{1}>{2}</h{1}>{3}</div>', icon(sign), level, heading, content)


@register.simple_block_tag
def dialog(content: str, id: str, heading: str, now: bool = False) -> SafeString:
    """A question that names its thing. The content brings `.body` and `footer`, often inside one form. `data-open-dialog` opens it;
    `now` opens it on arrival."""
    attributes = _attributes({"id": id, "aria_labelledby": f"{id}-h", "data_open_now": now})
    head = format_html('<header><h2 id="{}-h">{}</h2></header>', id, heading)
    return format_html('<dialog class="dialog float"{}>{}{}</dialog>', attributes, head, content)


@register.simple_block_tag
def drawer(content: str, id: str, heading: str, under: str = "") -> SafeString:
    """A sheet from the side: evidence, rows behind a figure. `popovertarget` opens it."""
    small = format_html('<p class="small muted">{}</p>', under) if under else NOTHING
    close = ibtn(_("Đóng"), "x", popovertarget=id, popovertargetaction="hide")
    head = format_html('<header><div><h2 id="{}-h">{}</h2>{}</div>{}</header>', id, heading, small, close)
    attributes = _attributes({"id": id, "aria_labelledby": f"{id}-h"})
    return format_html(
        '<aside class="drawer float" popover{}>{}<div class="body">{}</div></aside>', attributes, head, content
    )


@register.simple_block_tag
def menu(content: str, id: str, label: str, anchor: str = "") -> SafeString:
    """Other acts, under one button (`popovertarget`). `anchor` names a place of the frame: `who`, `create`, `health`."""
    attributes = _attributes({"id": id, "aria_label": label, "data_at": anchor})
    return format_html('<div class="pop menu float" popover role="dialog"{}>{}</div>', attributes, content)


@register.simple_tag
def toast(words: str, act: str = "", act_href: str = "", stay: bool = False) -> SafeString:
    """What just happened, with the next step or undo where there is one."""
    button = btn(act, href=act_href) if act and act_href else NOTHING
    attributes = _attributes({"data_toast": "stay" if stay else True})
    return format_html('<div class="toast"{}><span>{}</span>{}</div>', attributes, words, button)


# ---- fields --------------------------------------------------------------------------------------------------------------------


@register.simple_tag
def field(bound: BoundField, hint: str = "", sign: str = "", optional: bool = True, **more: Any) -> SafeString:
    """One field of a form: label above, hint under it, error in words before the control. Extra attributes go to the control.

    `optional=False` leaves "(không bắt buộc)" unsaid: the form is taken without it, but the work needs it in the end.
    """
    attributes = {
        name.rstrip("_").replace("_", "-"): value for name, value in more.items() if value not in (None, False, "")
    }
    described = [f"{bound.auto_id}_helptext"] if hint or bound.help_text else []
    described += [f"{bound.auto_id}_error"] if bound.errors else []
    if described:
        attributes["aria-describedby"] = " ".join(described)
    kind = getattr(bound.field.widget, "input_type", "")
    attributes.setdefault("class", "tick" if kind in ("checkbox", "radio") else "input")
    words = {
        "field": bound,
        "hint": hint or bound.help_text,
        "control": bound.as_widget(attrs=attributes),
        "sign": sign,
        "optional": optional and not bound.field.required,
    }
    return render_to_string("parts/field.html", {**words, "kind": kind})


@register.simple_tag
def control(bound: BoundField, autofocus: bool = False) -> SafeString:
    """Only the control of a field, described by its error: for templates that lay out a field by themselves."""
    attributes: dict[str, str | bool] = {"class": "input"}
    if bound.errors:
        attributes["aria-describedby"] = f"{bound.auto_id}_error"
    if autofocus:
        attributes["autofocus"] = True
    return bound.as_widget(attrs=attributes)


@register.simple_tag
def drop(bound: BoundField, words: str, hint: str = "", sign: str = "file", tall: bool = False) -> SafeString:
    """A place to choose files or let them fall on; `words` name the act. `tall` where nothing else is there yet."""
    attributes: dict[str, Any] = {"aria-label": words}
    described = [f"{bound.auto_id}_helptext"] if hint else []
    described += [f"{bound.auto_id}_error"] if bound.errors else []
    if described:
        attributes["aria-describedby"] = " ".join(described)
    told = {"field": bound, "control": bound.as_widget(attrs=attributes)}
    return render_to_string("parts/drop.html", told | {"words": words, "hint": hint, "sign": sign, "tall": tall})


@register.simple_tag
def picker(
    bound: BoundField,
    hint: str = "",
    branch: bool = False,
    group: str = "",
    placeholder: str = "",
    optional: bool = True,
    lookup: str = "",
) -> SafeString:
    """Units or people chosen as chips from a searched tree: a `TreeField` or `TreesField` of `antin.web.trees`.

    The field's select is what is sent, with or without scripts. `branch` offers a unit with everything under it; pickers of one
    `group` exclude each other's choices; `lookup` is an address that knows more choices than the page holds.
    """
    attributes: dict[str, Any] = {"class": "input"}
    if bound.errors:
        attributes["aria-describedby"] = f"{bound.auto_id}_error"
    words: dict[str, Any] = {
        "field": bound,
        "hint": hint or bound.help_text,
        "control": bound.as_widget(attrs=attributes),
    }
    words["optional"] = optional and not bound.field.required
    return render_to_string(
        "parts/picker.html", {**words, "branch": branch, "group": group, "placeholder": placeholder, "lookup": lookup}
    )


# ---- lists ---------------------------------------------------------------------------------------------------------------------


@register.inclusion_tag("parts/chips.html")
def chips(
    views: Iterable[Mapping[str, Any]] = (), filters: Iterable[Mapping[str, Any]] = (), label: str = ""
) -> dict[str, Any]:
    """Saved views (`words`, `href`, `n`, `current`) and the filters in force (`words`, `remove`: address without it, `label`)."""
    return {"views": views, "filters": filters, "label": label}


@register.inclusion_tag("parts/pager.html")
def pager(words: str = "", newer: str = "", older: str = "", pane: str = "") -> dict[str, Any]:
    """Keyset paging: addresses of the newer and the older page, empty at the end."""
    return {"words": words, "newer": newer, "older": older, "pane": pane}
