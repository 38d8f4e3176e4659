from django.db import migrations

MINUTES = (1, 2, 5, 10, 15, 30, 45, 60, 120, 180, 240, 360, 480, 720, 1440, 2880, 4320, 7200, 10080, 14400, 20160, 32767)
DAYS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 20, 30, 45, 60, 32767)
BOUNDS = {"receipt_minutes": MINUTES, "registration_days": DAYS}
FILL = """
    insert into indicators_counter (fact, unit_id, month, day, amount)
    select took.fact || '@' || bounds.bound, unit_id, month,
           case when month then date_trunc('month', day)::date else day end, sum(sign(amount))
      from indicators_contribution took
      cross join unnest(array[true, false]) month
      cross join lateral (select min(each) as bound from unnest(array[{bounds}]) each where each >= abs(amount)) bounds
     where took.fact = '{fact}'
     group by 1, 2, 3, 4
"""
FILLS = [FILL.format(fact=fact, bounds=", ".join(map(str, bounds))) for fact, bounds in BOUNDS.items()]


class Migration(migrations.Migration):
    """How many things took how long, from the rows that are there."""

    dependencies = [("indicators", "0013_index_of_what_stands")]

    operations = [migrations.RunSQL(fill, migrations.RunSQL.noop) for fill in FILLS]
