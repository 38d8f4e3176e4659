from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """What a line brought by the line's own name of it; and what says of itself that it replaces or corrects something."""

    atomic = False
    dependencies = [("exchange", "0007_questions")]

    operations = [
        AddIndexConcurrently(
            model_name="incoming", index=models.Index(fields=["line", "reference"], name="incoming_by_reference")
        ),
        AddIndexConcurrently(
            model_name="incoming",
            index=models.Index(
                fields=["sender_code"], condition=models.Q(facts__has_key="acts_on"), name="incoming_that_changes"
            ),
        ),
    ]
