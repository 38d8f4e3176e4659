from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """What stands on a day is read in order, however much has ended."""

    atomic = False
    dependencies = [("indicators", "0012_fill_where_what_stands_ends")]

    operations = [
        AddIndexConcurrently(
            model_name="contribution",
            index=models.Index(
                fields=["fact", "ends_on", "day", "subject_id"],
                include=["unit"],
                condition=models.Q(ends_on__isnull=False),
                name="contribution_standing",
            ),
        ),
    ]
