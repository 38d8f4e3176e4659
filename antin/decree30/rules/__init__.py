"""The rules as one table: what is looked at, which article says so, in which words a deviation is named.

Text is judged exactly; what is measured is judged with the tolerances that stand here and in docs/lint.md. A rule that the
file does not let one judge (an unknown font, too few lines, a look that is not told) yields nothing.
"""

from antin.decree30.rules import looks, page, head, title, body, foot  # noqa: F401, I001 - each enters its rules, in this order
from antin.decree30.rules.foot import recipient_items
from antin.decree30.rules.head import notation, when
from antin.decree30.rules.page import measured_margins
from antin.decree30.rules.table import RULES, Hit

__all__ = ["RULES", "Hit", "measured_margins", "notation", "recipient_items", "when"]
