"""Seals of the other agencies that issue a joint document; those whose page is not fixed yet take them, the others go as they were."""

from typing import Any

from django.db import migrations, models


def take_seals(apps: Any, schema_editor: Any) -> None:
    """Let the joint documents that are still drafts, or wait for review, be sealed by every agency that issues them."""
    apps.get_model("documents", "Signatory").objects.filter(
        part="cosigner", document__status__in=("drafted", "returned", "submitted")
    ).exclude(agency_id=models.F("document__agency_id")).update(seals=True)


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0014_joint_seals'),
    ]

    operations = [
        migrations.RunPython(take_seals, migrations.RunPython.noop),
    ]
