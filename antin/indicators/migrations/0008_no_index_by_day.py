from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    """What this index found, `contribution_newest` finds in order."""

    atomic = False
    dependencies = [("indicators", "0007_index_of_newest_rows_of_units")]

    operations = [RemoveIndexConcurrently(model_name="contribution", name="contribution_by_day")]
