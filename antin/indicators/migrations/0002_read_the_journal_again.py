from django.db import migrations


class Migration(migrations.Migration):
    """There are new facts about work: the journal is read again from its beginning, while nothing is counted twice."""

    dependencies = [("indicators", "0001_initial"), ("tasks", "0010_fill_how_work_stood")]

    operations = [migrations.RunSQL("update indicators_reading set index = -1", migrations.RunSQL.noop)]
