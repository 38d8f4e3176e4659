from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The few numbers of a series that are not simply taken, so that a proof need not look at each of the others."""

    atomic = False
    dependencies = [("numbering", "0005_books_that_move")]

    operations = [
        AddIndexConcurrently(
            model_name="number",
            index=models.Index(
                fields=["series", "status"],
                condition=~models.Q(status="taken") | ~models.Q(suffix=""),
                name="number_unusual",
            ),
        ),
    ]
