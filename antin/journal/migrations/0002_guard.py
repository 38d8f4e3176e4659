"""The database itself refuses to change or remove a record."""

from django.db import migrations

GUARD = """
create function journal_refuse() returns trigger language plpgsql as $$
begin
    raise exception 'the journal is append-only: % on % is refused', tg_op, tg_table_name
        using errcode = 'restrict_violation';
end
$$;
create trigger journal_record_stays before update or delete on journal_record for each row execute function journal_refuse();
create trigger journal_record_stays_whole before truncate on journal_record for each statement execute function journal_refuse();
"""

UNGUARD = """
drop trigger journal_record_stays on journal_record;
drop trigger journal_record_stays_whole on journal_record;
drop function journal_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_start")]
    operations = [migrations.RunSQL(GUARD, UNGUARD)]
