from django.db import migrations

FORWARD = """
update tasks_assignment set
    named_at = due_at,
    terms_at = made_at,
    in_unit_id = coalesce(unit_id, (select unit_id from people_post where people_post.id = tasks_assignment.post_id));
with recursive line (id, path) as (
    select assignment.id, '/' || assignment.id || '/'
    from tasks_assignment assignment join tasks_directive directive on directive.id = assignment.directive_id
    where directive.parent_id is null
    union all
    select assignment.id, line.path || assignment.id || '/'
    from tasks_assignment assignment
    join tasks_directive directive on directive.id = assignment.directive_id
    join line on line.id = directive.parent_id
)
update tasks_assignment set path = line.path from line where line.id = tasks_assignment.id;
"""


class Migration(migrations.Migration):
    """What is on a node already: each assignment knows its line, its terms and the unit that answers for it."""

    dependencies = [("tasks", "0002_work_in_depth")]

    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
