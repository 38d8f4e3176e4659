from django.db import migrations


class Migration(migrations.Migration):
    """Delays, paper beside the wire and who can sign are new facts: the journal is read again, while nothing is counted twice."""

    dependencies = [("indicators", "0009_read_for_the_estate")]

    operations = [migrations.RunSQL("update indicators_reading set index = -1", migrations.RunSQL.noop)]
