"""A ministry for measuring reading in: eight levels of units, ten thousand people in posts, and archives of any size in it.

Rows are written by plain statements, in the form that the operations leave them: a document that was received, entered in the book
of its agency and closed for information, or (one in five) directed to an officer, worked on, handed in and accepted, with its
visibility, its arrival number, its directive, assignment, spells, notices and its records in the journal.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import DatabaseError, connection

from antin.identifiers.models import Code
from antin.people.models import Appointment, Person, Post, Unit
from antin.people.names import sort_key_of_name, sort_key_of_words
from antin.people.states import Kind, Role
from tests import cast as casting

LEVELS = {2: 8, 3: 40, 4: 120, 5: 240, 6: 320, 7: 480, 8: 400}
"""How many units there are on each level below the top; the last two are parts of agencies, all others agencies."""
PARTS_FROM = 7
PEOPLE = 10_000
YEARS = 3
WORKED = 5  # one document in so many was given to somebody to work on
SURNAMES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý")
MIDDLE = ("Văn", "Thị", "Đức", "Minh", "Quang", "Thu", "Ngọc", "Hữu", "Xuân")
GIVEN = (
    "An",
    "Bình",
    "Châu",
    "Dung",
    "Đạt",
    "Giang",
    "Hải",
    "Hương",
    "Khánh",
    "Lan",
    "Long",
    "Mai",
    "Nam",
    "Oanh",
    "Phúc",
)
PHRASES = {
    "báo cáo": "bao cao",
    "kế hoạch": "ke hoach",
    "đề nghị": "de nghi",
    "thông báo": "thong bao",
    "hướng dẫn": "huong dan",
    "kết luận": "ket luan",
    "dự toán": "du toan",
    "kiểm tra": "kiem tra",
}


@dataclass(frozen=True)
class Deep:
    """An agency on the sixth level and an officer two levels below it: nobody in the ministry is allowed less."""

    agency_id: int
    head: casting.Member
    clerk: casting.Member
    officer: casting.Member


def build(cast: casting.Cast) -> Deep:
    """Open the units and posts around the cast and put people into them."""
    deep = _chain(cast)
    units = _units(cast)
    _people(cast, units)
    with connection.cursor() as cursor:
        for table in ("people_unit", "people_post", "people_person", "people_appointment", "identifiers_code"):
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
        cursor.execute("ANALYZE")
    return deep


def _chain(cast: casting.Cast) -> Deep:
    """The line of units that leads down to those who are measured, made by the operations themselves."""
    parent, code = cast.agency_id, "G11.90"
    agency = parent
    for level in range(2, 9):
        name = f"Đơn vị cấp {level} của nhánh đo"
        more: dict[str, Any] = {"order": 500}
        if level < PARTS_FROM:
            code = f"{code}.D{level}"
            more["code"] = code
        kind = Kind.CENTRE if level < PARTS_FROM else Kind.BOARD
        parent = casting.open_unit(name, name, f"D{level}", kind, parent, **more)
        if level < PARTS_FROM:
            agency = parent
    head = casting.seat(agency, "Giám đốc", Role.HEAD, "Nguyễn Sâu Thẳm", "giamdoc.sau")
    clerk = casting.seat(
        agency, "Nhân viên văn thư", Role.CLERK, "Trần Thư Sâu", "vanthu.sau", keeps_seal=True, order=5
    )
    officer = casting.seat(parent, "Nhân viên", Role.OFFICER, "Lê Cấp Tám", "nhanvien.sau", order=6)
    return Deep(agency, head, clerk, officer)


def _units(cast: casting.Cast) -> list[Unit]:
    """The other units, level by level, spread over those above them."""
    last = Unit.objects.order_by("-id").values_list("id", flat=True).first() or 0
    last_code = Code.objects.order_by("-id").values_list("id", flat=True).first() or 0
    centre = Unit.objects.get(pk=cast.recipient_id)
    above = [Unit.objects.get(pk=cast.agency_id)]
    made: list[Unit] = []
    codes: list[Code] = []
    values = {unit.pk: unit.code.value for unit in (*above, centre) if unit.code is not None}
    for level, count in LEVELS.items():
        here = []
        for n in range(count):
            parent = above[n % len(above)]
            last += 1
            name = f"{'Trung tâm' if level < PARTS_FROM else 'Ban'} {level}-{n + 1}"
            code = None
            if level < PARTS_FROM:
                last_code += 1
                values[last] = f"{values[parent.pk]}.{level}{n:03d}"
                code = Code(id=last_code, value=values[last], issued_at=casting.OPENED)
                codes.append(code)
            here.append(
                Unit(
                    id=last,
                    name=name,
                    short_name=name,
                    abbreviation=f"C{level}{n + 1}",
                    kind=Kind.CENTRE if code else Kind.BOARD,
                    parent=parent,
                    agency_id=last if code else parent.agency_id,
                    is_agency=bool(code),
                    code=code,
                    place_name=parent.place_name,
                    parent_name=parent.name,
                    opened_on=casting.SINCE,
                    sort_key=f"{n:04d} {sort_key_of_words(name)}",
                    search_text=name.lower(),
                    path=f"{parent.path}{last}/",
                )
            )
        above = [centre, *here] if level == 2 else here
        made += here
    Code.objects.bulk_create(codes)
    Unit.objects.bulk_create(made)
    return made


def _people(cast: casting.Cast, units: list[Unit]) -> None:
    """A head in each unit, a clerk in each agency, officers everywhere; they do not sign in."""
    at = [*units, *[Unit.objects.get(pk=cast.recipient_id)] * (len(units) // 40)]
    last_person = Person.objects.order_by("-id").values_list("id", flat=True).first() or 0
    last_post = Post.objects.order_by("-id").values_list("id", flat=True).first() or 0
    headed: set[int] = {cast.recipient_id}
    clerked: set[int] = {cast.recipient_id}
    posts, persons, appointments = [], [], []
    for n in range(PEOPLE):
        unit = at[n % len(at)]
        role, title = Role.OFFICER, "Nhân viên"
        if unit.pk not in headed:
            headed.add(unit.pk)
            role, title = Role.HEAD, "Giám đốc" if unit.is_agency else "Trưởng ban"
        elif unit.is_agency and unit.pk not in clerked:
            clerked.add(unit.pk)
            role, title = Role.CLERK, "Nhân viên văn thư"
        name = f"{SURNAMES[n % 13]} {MIDDLE[n // 13 % 9]} {GIVEN[n // 117 % 15]} {n}"
        posts.append(
            Post(
                id=last_post + n + 1,
                unit=unit,
                title=title,
                role=role,
                keeps_seal=role == Role.CLERK,
                order=n // len(at),
                opened_on=casting.SINCE,
            )
        )
        persons.append(
            Person(id=last_person + n + 1, name=name, sort_key=sort_key_of_name(name), search_text=name.lower())
        )
        appointments.append(Appointment(person_id=last_person + n + 1, post_id=last_post + n + 1, since=casting.SINCE))
    Person.objects.bulk_create(persons, batch_size=2000)
    Post.objects.bulk_create(posts, batch_size=2000)
    Appointment.objects.bulk_create(appointments, batch_size=2000)


AGENCIES = """
    CREATE TEMP TABLE bench_agency AS
    SELECT row_number() OVER (ORDER BY agency.id) - 1 AS k, agency.id, head.post AS head, head.person AS head_person, head.name
        AS head_name,
        head.title AS head_title, clerk.post AS clerk, clerk.person AS clerk_person, clerk.name AS clerk_name, clerk.title AS
            clerk_title,
        leads.posts, leads.persons, leads.names, leads.units
    FROM people_unit agency
    CROSS JOIN LATERAL (
        SELECT post.id AS post, post.title, person.id AS person, person.name FROM people_post post
        JOIN people_appointment held ON held.post_id = post.id JOIN people_person person ON person.id = held.person_id
        WHERE post.unit_id = agency.id AND post.role = 'head' LIMIT 1
    ) head
    CROSS JOIN LATERAL (
        SELECT post.id AS post, post.title, person.id AS person, person.name FROM people_post post
        JOIN people_unit unit ON unit.id = post.unit_id
        JOIN people_appointment held ON held.post_id = post.id JOIN people_person person ON person.id = held.person_id
        WHERE unit.agency_id = agency.id AND post.role = 'clerk' LIMIT 1
    ) clerk
    CROSS JOIN LATERAL (
        SELECT array_agg(post.id ORDER BY post.id) AS posts, array_agg(person.id ORDER BY post.id) AS persons,
            array_agg(person.name ORDER BY post.id) AS names, array_agg(post.unit_id ORDER BY post.id) AS units
        FROM people_post post JOIN people_unit unit ON unit.id = post.unit_id
        JOIN people_appointment held ON held.post_id = post.id JOIN people_person person ON person.id = held.person_id
        WHERE unit.agency_id = agency.id AND post.role = 'officer'
    ) leads
    WHERE agency.is_agency AND leads.posts IS NOT NULL
"""

# Of twenty documents the centre B1 holds four, the deep agency one, whose officer has every second that is worked on; the others
# are spread evenly. The day of each is drawn by a permutation, so that every size of archive covers the same years.
NEW = """
    CREATE TEMP TABLE bench_new AS
    WITH drawn AS (
        SELECT n, %(base)s + n AS id, n %% %(worked)s = 0 AS worked, n / %(worked)s AS turn,
            CASE WHEN n / 5 %% 20 < 4 THEN %(centre)s WHEN n / 5 %% 20 = 4 THEN %(deep)s ELSE n %% %(agencies)s END AS place,
            %(now)s - make_interval(secs => (n::bigint * 794417 %% 1000003) * %(years)s * 31536000.0 / 1000003 + 3600) AS at,
            (%(phrases)s::text[])[1 + n %% 8] AS one, (%(phrases)s::text[])[1 + n / 8 %% 8] AS two,
            (%(folded)s::text[])[1 + n %% 8] || ' ' || (%(folded)s::text[])[1 + n / 8 %% 8] AS folded
        FROM generate_series(%(from)s + 1, %(to)s) n
    ), placed AS (
        SELECT drawn.n, drawn.worked, drawn.at, drawn.one, drawn.two, drawn.folded, drawn.id AS document_id, agency.id AS at_id,
            agency.*,
            CASE WHEN place = %(deep)s AND turn %% 2 = 0 THEN array_position(agency.posts, %(officer)s::bigint)
                 ELSE 1 + turn %% cardinality(agency.posts) END AS lead
        FROM drawn JOIN bench_agency agency ON agency.k = place
    )
    SELECT n, document_id, at_id AS agency_id, worked, at, extract(year FROM at)::int AS year,
        head, head_person, head_name, head_title, clerk, clerk_person, clerk_name, clerk_title,
        CASE WHEN worked THEN posts[lead] END AS lead_post, persons[lead] AS lead_person, names[lead] AS lead_name,
        units[lead] AS lead_unit, initcap(left(one, 1)) || substr(one, 2) || ' ' || two || ' số ' || n || ' về công tác văn thư'
            AS subject,
        folded || ' so ' || n || ' ve cong tac van thu kh tcz tong cuc z' AS words,
        coalesce(book.last, 0) + row_number() OVER (PARTITION BY at_id, extract(year FROM at) ORDER BY at) AS number
    FROM placed LEFT JOIN numbering_series book ON book.agency_id = placed.at_id AND book.book = 'in'
        AND book.year = extract(year FROM at)::int AND book.secrecy_class = '' AND book.type_group = ''
"""

ROWS = (
    """
    INSERT INTO documents_document (id, agency_id, direction, status, type_code, subject, urgency, secrecy, issuer_name,
        issuer_code,
        number, notation, code, document_date, identifier, arrival_number, arrival_year, file, pages, parties, attachment_count,
        standing, standing_by, standing_words, next_act, next_holder, made_at, changed_at, order_at, search)
    SELECT document_id, agency_id, 'in', 'completed', (ARRAY['CV','KH','BC','QĐ','TB'])[1 + (hashint8(n) & 1023) % 5],
        subject, 0, 0, 'Tổng cục Z',
        'G11.90',
        n, 'TCZ-KH', n || '/TCZ-KH', at::date, '', number, year, %(file)s, 1, 'Tổng cục Z', 0, '', '', '', '', '', at, at, at,
        array_to_tsvector(string_to_array(words, ' ')) FROM bench_new
    """,
    """
    INSERT INTO documents_arrival (document_id, source, delivery_key, arrived_at, verdict, replaces_paper, signer_name,
        arrival_date,
        registered_at, registered_by, presented_post_id, return_code, return_words, completed_at)
    SELECT document_id, 'exchange', 'bench:' || n, at, 'valid', true, '', at::date, at, clerk_name || ', ' || clerk_title, head,
        '', '', at
    FROM bench_new
    """,
    """
    INSERT INTO documents_visibility (document_id, holder, box, reason, since, order_at)
    SELECT document_id, holder, 'in', reason, at, at FROM bench_new, LATERAL (
        VALUES ('R' || agency_id, 'registry'), ('P' || head, 'presented'), ('P' || lead_post, 'lead')
    ) AS seen (holder, reason) WHERE holder IS NOT NULL
    """,
    """
    INSERT INTO numbering_series (agency_id, book, year, type_group, secrecy_class, last)
    SELECT DISTINCT agency_id, 'in', year, '', '', 0 FROM bench_new new WHERE NOT EXISTS (
        SELECT FROM numbering_series old WHERE old.agency_id = new.agency_id AND old.year = new.year AND old.book = 'in'
    )
    """,
    """
    INSERT INTO numbering_number (series_id, value, status, subject_kind, subject_id, taken_at, void_reason, reserve_reason,
        reserved_by, suffix)
    SELECT book.id, number, 'taken', 'document', document_id, at, '', '', '', '' FROM bench_new
    JOIN numbering_series book ON book.agency_id = bench_new.agency_id AND book.year = bench_new.year AND book.book = 'in'
    """,
    """
    UPDATE numbering_series book SET last = new.last FROM (SELECT agency_id, year, max(number) AS last FROM bench_new GROUP BY 1,
        2) new
    WHERE book.agency_id = new.agency_id AND book.year = new.year AND book.book = 'in'
    """,
    """
    INSERT INTO tasks_directive (id, words, giver_name, given_at, document_id, giver_post_id, anchor_file, anchor_text, evidence,
        origin,
        priority, subject)
    SELECT document_id, 'Nghiên cứu, tham mưu giải quyết.', head_name || ', ' || head_title, at, document_id, head, '', '', '',
        'directive', 0, ''
    FROM bench_new WHERE worked
    """,
    """
    INSERT INTO tasks_assignment (id, role, status, holder, holder_name, giver_holder, due_at, percent, result, next_holder,
        handed_in_at,
        ended_at, made_at, document_id, post_id, directive_id, calendar_version, grade, in_unit_id, path, risk, term_days, terms_at)
    SELECT document_id, 'lead', 'accepted', 'P' || lead_post, 'Nhân viên ' || lead_name, 'P' || head, at + interval '3 days',
        100, 'Đã xong', '', at,
        at, at, document_id, lead_post, document_id, 0, 0, lead_unit, '/' || document_id || '/', '', 3, at FROM bench_new WHERE
            worked
    """,
    """
    INSERT INTO tasks_spell (since_at, until_at, role, status, due_at, soon_on, handed_in_at, percent, said_at_risk,
        assignment_id, in_unit_id)
    SELECT at, CASE status WHEN 'accepted' THEN NULL ELSE at END, 'lead', status, at + interval '3 days', (at + interval
        '1 day')::date,
        CASE WHEN percent = 100 THEN at END, percent, false, document_id, lead_unit
    FROM bench_new, (VALUES ('given', 0), ('started', 0), ('handed_in', 100), ('accepted', 100)) AS spells (status, percent)
        WHERE worked
    """,
    """
    INSERT INTO notices_notice (holder, kind, words, facts, link, subject_kind, subject_id, key, at, read_at)
    SELECT holder, kind, said, jsonb_build_object('by', said_by, 'number', number, 'subject', subject, 'role', 'lead', 'words', ''),
        '/documents/' || document_id, 'document', document_id, '', at, at FROM bench_new, LATERAL (VALUES
            ('P' || head, 'document.to_direct', 'Trình văn bản đến số %%(number)s của %%(by)s: %%(subject)s.', 'Tổng cục Z'),
            ('P' || lead_post, 'task.given', '%%(by)s giao: %%(subject)s.', head_name),
            ('P' || lead_post, 'task.accepted', '%%(by)s nghiệm thu: %%(subject)s.', head_name)
        ) AS told (holder, kind, said, said_by) WHERE holder IS NOT NULL
    """,
    """
    INSERT INTO journal_record (at, event, subject_kind, subject_id, agency_id, person_id, person_name, post_id, post_title,
        on_behalf, facts)
    SELECT at, event, 'document', document_id, agency_id, person, coalesce(person_name, ''), post, coalesce(title, ''), '', facts
    FROM bench_new, LATERAL (VALUES
        (1, true, 'document.arrived', NULL::bigint, NULL, NULL::bigint, NULL, jsonb_build_object('code', n || '/TCZ-KH',
            'issuer', 'Tổng cục Z', 'verdict', 'valid', 'file', %(file)s::text)),
        (2, true, 'number.taken', clerk_person, clerk_name, clerk, clerk_title, jsonb_build_object('book', 'in', 'year', year,
            'group', '', 'value', number)),
        (3, true, 'document.registered', clerk_person, clerk_name, clerk, clerk_title, jsonb_build_object('number', number,
            'presented', head_title)),
        (4, worked, 'document.directed', head_person, head_name, head, head_title, '{"holders": []}'),
        (5, worked, 'task.given', head_person, head_name, head, head_title, jsonb_build_object('words',
            'Nghiên cứu, tham mưu giải quyết.', 'directive', document_id,
            'to', jsonb_build_array(jsonb_build_object('name', 'Nhân viên ' || lead_name, 'role', 'lead', 'due_at', at + interval
                '3 days')))),
        (6, worked, 'task.begun', lead_person, lead_name, lead_post, 'Nhân viên', jsonb_build_object('assignment', document_id)),
        (7, worked, 'document.begun', lead_person, lead_name, lead_post, 'Nhân viên', '{}'),
        (8, worked, 'task.handed_in', lead_person, lead_name, lead_post, 'Nhân viên', jsonb_build_object('reply', NULL, 'words',
            'Đã xong', 'assignment', document_id)),
        (9, worked, 'task.accepted', head_person, head_name, head, head_title, jsonb_build_object('words', 'Tốt', 'assignment',
            document_id)),
        (10, true, 'document.completed', head_person, head_name, head, head_title, '{}')
    ) AS happened (turn, did, event, person, person_name, post, title, facts) WHERE did
    """,
)
TRIGGERED = ("documents_document", "documents_arrival", "documents_visibility", "tasks_directive", "tasks_assignment")
LARGE = (
    "documents_document",
    "documents_arrival",
    "documents_visibility",
    "numbering_number",
    "tasks_directive",
    "tasks_assignment",
    "tasks_spell",
    "notices_notice",
    "journal_record",
)
MANY = 50_000
CHUNK = 200_000


def put_indexes_away(cursor: Any) -> list[str]:
    """Drop what slows writing many rows at once; return the statements that make it again."""
    again = []
    cursor.execute(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE contype = 'u' AND conrelid::regclass::text = ANY(%s)",
        [list(LARGE)],
    )
    for table, name, made in cursor.fetchall():
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        again.append(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {made}')
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND indexname NOT LIKE '%%pkey'",
        [list(LARGE)],
    )
    for name, made in cursor.fetchall():
        cursor.execute(f'DROP INDEX "{name}"')
        again.append(made)
    return again


def grow(cast: casting.Cast, deep: Deep, have: int, to: int, file: str) -> None:
    """Fill the archives of the ministry from so many documents up to so many."""
    told: dict[str, Any] = {
        "now": datetime.now(UTC) - timedelta(hours=1),
        "years": YEARS,
        "worked": WORKED,
        "officer": deep.officer.post_id,
        "phrases": list(PHRASES),
        "folded": list(PHRASES.values()),
        "file": file,
    }
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        with suppress(DatabaseError):  # not everybody may; without it what a row refers to is looked up for each
            cursor.execute("SET session_replication_role = replica")
        for table in TRIGGERED:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute("SELECT to_regclass('bench_agency')")
        if cursor.fetchone()[0] is None:
            cursor.execute(AGENCIES)
        cursor.execute("SELECT id, k FROM bench_agency")
        places = dict(cursor.fetchall())
        told |= {"agencies": len(places), "centre": places[cast.recipient_id], "deep": places[deep.agency_id]}
        # past what the sequences have given; directives and assignments take the number of their document
        cursor.execute(
            "SELECT greatest((SELECT max(id) FROM documents_document), (SELECT max(id) FROM tasks_directive),"
            " (SELECT max(id) FROM tasks_assignment), 0)"
        )
        told["base"] = max(int(cursor.fetchone()[0]) - have, 0) + 1
        cursor.execute("SET maintenance_work_mem = '256MB'")
        again = put_indexes_away(cursor) if to - have > MANY else []
        for start in range(have, to, CHUNK):
            cursor.execute(NEW, told | {"from": start, "to": min(start + CHUNK, to)})
            for rows in ROWS:
                cursor.execute(rows.replace("% ", "%% "), told)
            cursor.execute("DROP TABLE bench_new")
        for statement in again:
            cursor.execute(statement)
        for table in ("documents_document", "tasks_directive", "tasks_assignment"):
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
        for table in TRIGGERED:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        with suppress(DatabaseError):
            cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM ANALYZE")
        with suppress(
            DatabaseError
        ):  # not everybody may; without it what was written is still being flushed while it is read
            cursor.execute("CHECKPOINT")
