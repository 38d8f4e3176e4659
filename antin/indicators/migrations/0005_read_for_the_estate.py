from django.db import migrations


class Migration(migrations.Migration):
    """Networks, software and protection are new facts about agencies: the journal is read again, while nothing is counted twice."""

    dependencies = [("indicators", "0004_contested_rows")]

    operations = [migrations.RunSQL("update indicators_reading set index = -1", migrations.RunSQL.noop)]
