"""A venue is taken by one entry at a time. Two ranges in plain GiST: no extension is needed."""

from django.db import migrations

FORWARD = """
ALTER TABLE agenda_entry ADD CONSTRAINT agenda_venue_one_at_a_time
    EXCLUDE USING gist (int8range(venue_id, venue_id, '[]') WITH &&, tstzrange(starts_at, ends_at) WITH &&)
    WHERE (venue_id IS NOT NULL AND status IN ('proposed', 'approved', 'published'));
"""
BACKWARD = "ALTER TABLE agenda_entry DROP CONSTRAINT agenda_venue_one_at_a_time;"


class Migration(migrations.Migration):
    dependencies = [("agenda", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
