from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The newest rows of a fact are read in their order, and no others."""

    atomic = False
    dependencies = [("indicators", "0005_index_of_sums")]

    operations = [
        AddIndexConcurrently(
            model_name="contribution",
            index=models.Index(fields=["fact", "day", "subject_id"], name="contribution_newest"),
        ),
    ]
