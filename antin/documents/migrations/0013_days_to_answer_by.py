from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """What awaits an answer is walked by the day to answer by."""

    atomic = False
    dependencies = [("documents", "0012_declassified")]

    operations = [
        AddIndexConcurrently(
            model_name="document",
            index=models.Index(
                fields=["agency", "direction", "reply_by"],
                condition=models.Q(reply_by__isnull=False),
                name="document_to_answer",
            ),
        ),
    ]
