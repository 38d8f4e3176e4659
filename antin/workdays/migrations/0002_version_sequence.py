"""Versions come from a sequence: a version that was rolled back never names another calendar."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("workdays", "0001_start")]
    operations = [migrations.RunSQL("create sequence workdays_version", "drop sequence workdays_version")]
