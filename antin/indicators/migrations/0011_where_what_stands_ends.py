from django.db import migrations, models


class Migration(migrations.Migration):
    """What begins says before which day it ends."""

    dependencies = [("indicators", "0010_read_for_delays")]

    operations = [migrations.AddField("contribution", "ends_on", models.DateField(null=True))]
