from django.db import migrations

STANDS = (
    "tasks_open", "tasks_late", "tasks_soon", "tasks_at_risk", "tasks_undated", "agencies", "agencies_connected",
    "agencies_signing", "agencies_equipped", "signers", "signers_equipped", "workstations", "workstations_protected",
)  # fmt: skip
FILL = f"""
    update indicators_contribution begun
       set ends_on = coalesce(
           (select ended.day from indicators_contribution ended
             where ended.subject_kind = begun.subject_kind and ended.subject_id = begun.subject_id
               and ended.fact = begun.fact and ended.part = begun.part + 1 and ended.amount < 0),
           date '9999-12-31')
     where begun.amount > 0 and begun.fact in ({", ".join(f"'{fact}'" for fact in STANDS)})
"""  # noqa: S608 - names of facts


class Migration(migrations.Migration):
    """The rows that are there say it, too; those the program before goes on writing say it when their thing is counted next."""

    dependencies = [("indicators", "0011_where_what_stands_ends")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
