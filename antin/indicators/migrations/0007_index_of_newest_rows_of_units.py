from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The same of a unit."""

    atomic = False
    dependencies = [("indicators", "0006_index_of_newest_rows")]

    operations = [
        AddIndexConcurrently(
            model_name="contribution",
            index=models.Index(fields=["unit", "fact", "day", "subject_id"], name="contribution_newest_of_unit"),
        ),
    ]
