"""A person's account may be locked: he keeps his posts and cannot come in."""

from django.db import migrations, models

STATUSES = [("active", "Đang công tác"), ("locked", "Đã khóa tài khoản"), ("left", "Đã thôi công tác")]


class Migration(migrations.Migration):
    dependencies = [("people", "0002_one_holder_at_a_time")]
    operations = [
        migrations.RemoveConstraint(model_name="person", name="person_status"),
        migrations.AlterField(
            model_name="person",
            name="status",
            field=models.CharField(max_length=6, choices=STATUSES, default="active"),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["active", "locked", "left"])), name="person_status"
            ),
        ),
    ]
