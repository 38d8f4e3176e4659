"""A code given once is never given again, a spelling never changes its meaning: the database itself refuses."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION identifiers_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'agency codes are kept for ever: % on % refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER identifiers_code_stays BEFORE DELETE ON identifiers_code
    FOR EACH ROW EXECUTE FUNCTION identifiers_refuse_change();
CREATE TRIGGER identifiers_code_keeps_value BEFORE UPDATE ON identifiers_code
    FOR EACH ROW WHEN (OLD.value <> NEW.value OR (OLD.status <> 'active' AND NEW.status = 'active'))
    EXECUTE FUNCTION identifiers_refuse_change();
CREATE TRIGGER identifiers_spelling_stays BEFORE DELETE OR UPDATE ON identifiers_spelling
    FOR EACH ROW EXECUTE FUNCTION identifiers_refuse_change();
"""
BACKWARD = """
DROP TRIGGER identifiers_spelling_stays ON identifiers_spelling;
DROP TRIGGER identifiers_code_keeps_value ON identifiers_code;
DROP TRIGGER identifiers_code_stays ON identifiers_code;
DROP FUNCTION identifiers_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("identifiers", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
