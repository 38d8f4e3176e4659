"""What a drafter decided besides the text, in words, where two edits decided it differently."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from antin.correspondents import queries as correspondents
from antin.journeys.draft_together import FactClash
from antin.people import queries as people
from antin.web.drafting import changes

NAMES = changes.NAMES | {
    "copies": gettext_lazy("Số bản"),
    "cosigners": gettext_lazy("Cùng ký"),
    "joint": gettext_lazy("Cơ quan cùng ban hành"),
    "in_order": gettext_lazy("Ký lần lượt"),
    "initials": gettext_lazy("Ký nháy"),
    "format_checker": gettext_lazy("Người kiểm tra thể thức"),
    "uploaded_file": gettext_lazy("Tệp PDF làm nội dung"),
}


def both(clash: FactClash) -> tuple[Any, str, str]:
    """The name of a fact and what either side says of it: the edit apart, the draft."""
    return NAMES[clash.name], _say(clash.name, clash.mine), _say(clash.name, clash.theirs)


def _say(name: str, value: Any) -> str:
    if value in (None, "", []):
        return "—"
    if isinstance(value, bool):
        return _("có") if value else _("không")
    if name in ("signer", "format_checker", "cosigners"):
        posts = people.list_posts_by_id(value if isinstance(value, list) else [value])
        return ", ".join(post.title for post in posts.values())
    if name == "issuer":
        return people.get_body(value).name
    if name == "joint":
        return ", ".join(people.list_names(value))
    if name in ("addressed", "copied"):
        outside = correspondents.list_by_id({int(each[1:]) for each in value if each.startswith("o")})
        inside = people.list_names([int(each) for each in value if not each.startswith("o")])
        return ", ".join([*inside, *(row.name for row in outside.values())])
    if name == "uploaded_file":
        return str(value)[:12]
    return changes.say(name, value)
