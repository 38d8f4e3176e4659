"""One post has one holder at a time. Two ranges in plain GiST: no extension is needed."""

from django.db import migrations

FORWARD = """
ALTER TABLE people_appointment ADD CONSTRAINT appointment_one_holder_at_a_time
    EXCLUDE USING gist (int8range(post_id, post_id, '[]') WITH &&, daterange(since, until) WITH &&);
"""
BACKWARD = "ALTER TABLE people_appointment DROP CONSTRAINT appointment_one_holder_at_a_time;"


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
