from django.db import migrations

# What is known of the time before: when work was given, handed in and ended. The clock reckons open work anew (calendar_version 0),
# and with it the day from which a deadline is near.
FORWARD = """
insert into tasks_spell (assignment_id, since_at, until_at, in_unit_id, role, status, due_at, soon_on, handed_in_at, paused_at,
    percent, said_at_risk)
select id, made_at, coalesce(handed_in_at, ended_at), in_unit_id, role,
    case when handed_in_at is null and ended_at is null then status else 'started' end,
    due_at, (due_at at time zone 'Asia/Ho_Chi_Minh')::date - 2, null,
    case when handed_in_at is null and ended_at is null then paused_at end,
    case when handed_in_at is null then percent else 0 end, risk <> ''
from tasks_assignment;
insert into tasks_spell (assignment_id, since_at, until_at, in_unit_id, role, status, due_at, soon_on, handed_in_at, paused_at,
    percent, said_at_risk)
select id, handed_in_at, ended_at, in_unit_id, role, 'handed_in', due_at, (due_at at time zone 'Asia/Ho_Chi_Minh')::date - 2,
    handed_in_at, paused_at, percent, false
from tasks_assignment where handed_in_at is not null;
insert into tasks_spell (assignment_id, since_at, until_at, in_unit_id, role, status, due_at, soon_on, handed_in_at, paused_at,
    percent, said_at_risk)
select id, ended_at, null, in_unit_id, role, status, due_at, (due_at at time zone 'Asia/Ho_Chi_Minh')::date - 2,
    handed_in_at, paused_at, percent, false
from tasks_assignment where ended_at is not null;
update tasks_assignment set calendar_version = 0 where ended_at is null and due_at is not null;
"""


class Migration(migrations.Migration):
    """What is on a node already: how each piece of work stood, as far as its rows tell."""

    dependencies = [("tasks", "0009_how_work_stood")]

    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
