from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The sums of a branch are read unit by unit, without looking at those of other days."""

    atomic = False
    dependencies = [("indicators", "0004_contested_rows")]

    operations = [
        AddIndexConcurrently(
            model_name="counter",
            index=models.Index(fields=["unit", "month", "fact", "day"], include=["amount"], name="counter_of_unit"),
        ),
    ]
