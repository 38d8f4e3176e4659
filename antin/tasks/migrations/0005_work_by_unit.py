from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The work of a unit by its deadline, and everything that was passed down from one assignment."""

    atomic = False
    dependencies = [("tasks", "0004_work_is_whole")]

    operations = [
        AddIndexConcurrently(
            model_name="assignment", index=models.Index(fields=["in_unit", "due_at"], name="assignment_by_unit")
        ),
        AddIndexConcurrently(
            model_name="assignment", index=models.Index(fields=["path"], name="assignment_by_path")
        ),
    ]
