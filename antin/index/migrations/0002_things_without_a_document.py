from django.db import migrations

MARK = """
create or replace function index_mark() returns trigger language plpgsql as $$
begin
    execute format('insert into index_due (subject_id) select distinct %1$I from changed where %1$I is not null', tg_argv[0]);
    return null;
end
$$
"""


class Migration(migrations.Migration):
    """Work that came from no document has no entry in the index, and must not be refused for it."""

    dependencies = [('index', '0001_start')]

    operations = [migrations.RunSQL(MARK, migrations.RunSQL.noop)]
