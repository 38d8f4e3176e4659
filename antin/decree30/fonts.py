"""What the name of a font tells: the family as a reader knows it, and its weight and slant."""

from __future__ import annotations

import re

TIMES = "Times New Roman"
LEGACY = "legacy"  # TCVN3 and VNI: the letters are not Unicode
SYMBOLS = "symbols"
UNKNOWN = ""

# Fragments of names, letters and digits only, lower case; the first that is found decides. Tinos, Liberation Serif, Nimbus
# Roman and FreeSerif have the measures of Times New Roman and stand for it where it cannot be bought.
_FAMILIES = (
    (
        LEGACY,
        (
            "vntime",
            "vnarial",
            "vnhelv",
            "vnuniverse",
            "vnbook",
            "vnsouthern",
            "vnaristote",
            "vnvogue",
            "vnshelley",
            "vni",
        ),
    ),
    (TIMES, ("timesnewroman", "times", "tinos", "liberationserif", "nimbusrom", "freeserif", "termes", "tnr")),
    (
        SYMBOLS,
        (
            "symbol",
            "wingding",
            "webding",
            "dingbat",
            "math",
            "marlett",
            "segoeui",
            "gothic",
            "mincho",
            "simsun",
            "emoji",
        ),
    ),
    ("Arial", ("arial", "liberationsans", "arimo")),
    ("Helvetica", ("helvetica", "nimbussan")),
    ("Calibri", ("calibri", "carlito")),
    ("Cambria", ("cambria", "caladea")),
    ("Tahoma", ("tahoma",)),
    ("Verdana", ("verdana",)),
    ("DejaVu Sans", ("dejavusans",)),
    ("Courier New", ("couriernew", "courier", "liberationmono", "cousine")),
    ("Georgia", ("georgia",)),
    ("Garamond", ("garamond",)),
    ("Palatino", ("palatino", "bookantiqua")),
    ("Century", ("century",)),
    ("Comic Sans MS", ("comicsans",)),
    ("Segoe UI", ("segoe",)),
    ("Roboto", ("roboto",)),
    ("Open Sans", ("opensans",)),
    ("Noto Sans", ("notosans",)),
    ("Noto Serif", ("notoserif",)),
    ("DejaVu Serif", ("dejavuserif",)),
    ("Trebuchet MS", ("trebuchet",)),
    ("Aptos", ("aptos",)),
    ("Bookman", ("bookman",)),
    ("Montserrat", ("montserrat",)),
    ("Inter", ("inter-", "intervariable")),
)


def family(name: str) -> str:
    """The family, "" if the name says nothing (CIDFont+F1, Type 3, a number)."""
    name = name.split("+", 1)[1] if re.match(r"[A-Z]{6}\+", name) else name
    bare = re.sub(r"[^a-z0-9-]", "", name.replace("#2E", ".").lower())
    plain = bare.replace("-", "")
    for found, fragments in _FAMILIES:
        for fragment in fragments:
            if fragment in (bare if "-" in fragment else plain):
                if fragment == "vni" and not plain.startswith("vni"):
                    continue
                return found
    return UNKNOWN


def is_bold(name: str) -> bool:
    return bool(re.search(r"bold|black|heavy|demi|semib|,b|-bd", name, re.I))


def is_italic(name: str) -> bool:
    return bool(re.search(r"italic|oblique|kursiv|,i\b", name, re.I))
