from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Whose seal a joint document waits for is found by the agency."""

    atomic = False
    dependencies = [("documents", "0015_joint_seals_of_drafts")]

    operations = [
        AddIndexConcurrently(
            model_name="signatory",
            index=models.Index(
                condition=models.Q(("seal_waiting", True)), fields=["agency"], name="signatory_seal_waiting"
            ),
        ),
    ]
