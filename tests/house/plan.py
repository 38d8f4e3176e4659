"""The house as .importlinter draws it, and the exceptions that were agreed on, each with its reason."""

from __future__ import annotations

from configparser import ConfigParser
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
HOUSE = ROOT / "antin"
DOORS = ("web", "api", "jobs", "console")
SHELVES = ("__init__", "states", "models", "policy", "queries", "operations")

# What a room keeps beside its shelves: narrow, named after the trade, used by the room's own shelves.
MORE_SHELVES = {
    "agenda": {"ics": "entries as iCalendar, pure; the only user of icalendar"},
    "decree30": {
        "anatomy": "which lines are the boxes of Appendix I",
        "child": "the process that opens one file",
        "docx_reading": "DOCX into the neutral structure",
        "facts": "what a paper says of itself",
        "families": "papers that are not judged, and why",
        "fonts": "what the name of a font tells",
        "judging": "one file, from bytes to findings",
        "paper": "the neutral structure both readers give",
        "pdf_reading": "PDF into the neutral structure",
        "report": "findings in words",
        "rules": "the table of rules",
        "words_reading": "recognised words into the neutral structure",
        "wording": "the Decree's own words",
    },
    "codelists": {"shipped": "what a list begins with where nobody keeps one"},
    "documents": {
        "register_lines": "lines of an agency's books as cells, to go to another node",
        "finding": "the index asked, and every hit checked again",
        "forms": "specialised forms: fields, templates, what is filled in; pure",
        "type_texts": "what a new draft of a type begins with, pure",
        "types": "the 29 types of Decree 30/2020 and what each asks for",
    },
    "estate": {
        "inventory": "tables and files of agents as lines, pure",
        "protection": "when a machine counts as protected, pure",
    },
    "exchange": {
        "answering": "what awaits an answer and whose",
        "channels": "lines to the outside over HTTP: no database, never inside a transaction",
        "rehearsal": "the axis played on this machine, for the demonstration and tests",
        "edxml": "the message of the national axis: pure, needs no database",
    },
    "files": {
        "bucket": "bytes in an object store: the only user of botocore",
        "content": "typing by content",
        "docx": "the text of a DOCX, inside the worker process",
        "joining": "a block of words under the end of a paper, inside the worker process",
        "derived": "what can be made again from a file, out of any backup",
        "parting": "separator sheets found and pages cut, inside the worker process",
        "picture": "what is done to a picture inside the worker process",
        "pdf": "what is done to a PDF inside the worker process",
        "recognition": "the only user of OCRmyPDF and tesseract",
        "shelf": "bytes on disk, fsync before the row",
        "store": "the port behind which bytes lie",
        "tables": "XLSX and CSV, inside the worker process",
        "worker": "the process that opens other people's files",
        "workshop": "sends files to that process",
    },
    "index": {
        "asking": "a question as queries of tantivy, and what they find counted",
        "engine": "how tantivy keeps what it is told, and where",
        "words": "text as it is kept and asked for, pure",
    },
    "intake": {
        "proposing": "facts read off a paper as fields with places, pure",
        "stamping": "where the arrival stamp goes, pure",
        "separating": "where papers in a scan begin and end, pure",
    },
    "identifiers": {"codes": "check characters and spellings", "text": "folding of Vietnamese for search"},
    "indicators": {
        "corrections": "what an agreed contest adds to the facts, pure",
        "facts": "what each thing adds to which fact, pure",
        "formulas": "the language of formulas, pure",
        "shipped": "the figures every node begins with",
    },
    "journal": {
        "custody": "the node's key, which never leaves it",
        "merkle": "RFC 6962, pure",
        "notation": "how a record is written down for hashing",
        "verification": "stand-alone: needs no database",
    },
    "keys": {
        "cms": "signatures in DER, written",
        "images": "of signatures and seals",
        "keepers": "which provider stands behind each kind of device",
        "ocsp": "the standing of one certificate, RFC 6960, pure",
        "pictures": "what a picture of a signature or stamp must be, pure",
        "pki": "the demonstration authorities",
        "providers": "where private keys are kept",
        "timestamping": "RFC 3161",
        "wire": "asking outside services within a bounded time",
    },
    "people": {
        "at_rest": "secrets sealed in the database, and their keys beside it",
        "actor": "who acts: the one argument of every operation",
        "names": "sorting Vietnamese names",
        "one_time": "RFC 6238 and printed codes",
        "passkeys": "WebAuthn's ceremonies",
        "passwords": "Argon2 and its parameters",
        "sittings": "where Django keeps sessions, with whose they are",
    },
    "signing": {
        "order": "the legal order of steps, pure",
        "sealed_record": "the evidence beside a sealed document, pure",
        "other_files": "signatures beside files and inside XML, judged",
        "xml_evidence": "what makes signatures inside XML last, pure",
        "xml_signatures": "XML-DSig read and computed, pure",
        "attested": "a report signed by the node",
        "anchors": "trust kept in a folder",
        "criteria": "what an authority asks of a signature: its policy file",
        "differences": "what came into a file after a signature",
        "detached": "CAdES, beside a file of any kind, pure",
        "lasting": "until when signatures can be proven, pure",
        "locked": "files encrypted for everybody to open",
        "lettering": "words and images of a signature's appearance",
        "opinions": "other tools asked about the same signatures",
        "pades": "the only user of pyHanko's signers",
        "patience": "a limit of time on hostile files",
        "quick": "measured remedies for pyHanko",
        "report": "what a verification says",
        "revisions": "a PDF as its revisions, read by ourselves",
        "sight": "pages compared as they are seen",
        "signed_data": "CMS signatures as mathematics",
        "trust": "paths to anchors, revocation lists and answers",
        "verification": "judging the signatures of a file",
        "xades": "inside XML, pure; the only user of signxml",
    },
    "oldbooks": {
        "balance": "every number of an old book accounted for, pure",
        "reading": "the columns and words of an old book as facts, pure",
    },
    "opinions": {"anchors": "where commented words stand in an edited text, pure"},
    "upkeep": {"traffic": "requests counted by the processes that answer them, in a file they all map"},
    "programmes": {
        "account": "what a period report says: figures, digest, text, pure",
        "content": "what a version says: parts, work, targets, milestones, pure",
        "reporting": "the figures of a period report, read from the rooms",
    },
    "tasks": {
        "overview": "what who leads sees of the work below him: sums and rows",
        "recurrence": "which days work that recurs is due on, pure",
        "terms": "when work is due and in which cell it is counted, pure",
    },
    "numbering": {"moving": "what a series holds, as one node tells it to another, pure"},
    "nodes": {
        "books": "the statement of an agency's books and the answer to it, pure",
        "broker": "the NATS servers that a node runs itself",
        "bundle": "parcels on removable media, pure",
        "directory": "editions, invitations, answers, pure",
        "line": "the only user of NATS: no database",
        "parcels": "a parcel as bytes, pure",
        "pieces": "pieces that have come and wait for the rest",
        "receipts": "the chain of receipts, pure",
        "tls": "certificates of the line",
        "statements": "what is said and signed: canonical JSON in CMS, pure",
    },
    "vault": {
        "sealing": "CMS AuthEnvelopedData with AES-256-GCM, pure",
        "suites": "the port of cipher suites",
        "words": "what is searched of what is sealed",
    },
    "typeset": {
        "board": "figures of a unit on a sheet, a chart as a picture",
        "marks": "who was shown a page, and when, across its image",
        "beginnings": "the sentences a new document begins with",
        "body": "the editor's structure as Typst",
        "book": "a register book",
        "characters": "what Typst must not read as its own",
        "copy": "a certified copy: its block, and an extract set anew",
        "fonts": "faces built by the front end",
        "found": "places queried from the layout",
        "letter": "facts in, layout out",
        "merging": "two edits of one body brought together, pure",
        "minutes": "minutes that are signed on paper",
        "office": "the only user of LibreOffice",
        "press": "the one kept compiler",
        "record": "the record of a verification",
        "sheets": "Typst sheets",
        "separator": "the sheet between two scanned papers",
        "template": "a draft as DOCX, to be edited in Word",
        "week": "the work calendar of a week",
    },
}


def _layers() -> list[set[str]]:
    kept = ConfigParser(delimiters=("=",))
    kept.read(ROOT / ".importlinter")
    lines = kept["importlinter:contract:floors"]["layers"].split("\n")
    return [{name.strip() for name in line.split("|")} for line in lines if line.strip()]


FLOORS = _layers()
FLOOR = {name: height for height, names in enumerate(reversed(FLOORS)) for name in names}
ROOMS = tuple(sorted(name for name in FLOOR if name not in (*DOORS, "journeys", "refusal")))


def modules() -> list[Path]:
    """Every Python file of the house but migrations, which Django writes."""
    return sorted(path for path in HOUSE.rglob("*.py") if "migrations" not in path.parts)


def room_of(path: Path) -> str:
    return path.relative_to(HOUSE).parts[0]
