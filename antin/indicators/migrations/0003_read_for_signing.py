from django.db import migrations


class Migration(migrations.Migration):
    """Who signs is a new fact about agencies: the journal is read again from its beginning, while nothing is counted twice."""

    dependencies = [("indicators", "0002_read_the_journal_again")]

    operations = [migrations.RunSQL("update indicators_reading set index = -1", migrations.RunSQL.noop)]
