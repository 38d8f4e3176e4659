import django.db.models.functions.datetime
from django.db import migrations, models

# Called by triggers of the rooms above, once for each statement, with the name of the column that holds the thing's id.
MARK = """
create function index_mark() returns trigger language plpgsql as $$
begin
    execute format('insert into index_due (subject_id) select distinct %I from changed', tg_argv[0]);
    return null;
end
$$
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name='Due',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_id', models.BigIntegerField()),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('slow', models.BooleanField(db_default=False)),
                ('taken', models.BooleanField(db_default=False)),
            ],
        ),
        migrations.RunSQL(MARK, 'drop function index_mark()'),
    ]
