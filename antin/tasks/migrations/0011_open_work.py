from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

OPEN = models.Q(("status__in", ["declined", "given", "handed_in", "started"]))


class Migration(migrations.Migration):
    """What somebody has to do, and what he gave out, found without walking all that was ever done."""

    atomic = False
    dependencies = [("tasks", "0010_fill_how_work_stood")]

    operations = [
        AddIndexConcurrently(
            model_name="assignment",
            index=models.Index(
                fields=["holder", "-made_at", "-id"], condition=OPEN, name="assignment_open_by_holder"
            ),
        ),
        AddIndexConcurrently(
            model_name="assignment",
            index=models.Index(
                fields=["giver_holder", "-made_at", "-id"], condition=OPEN, name="assignment_open_by_giver"
            ),
        ),
    ]
