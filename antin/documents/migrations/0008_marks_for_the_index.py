from django.db import migrations

COLUMNS = {
    'document': 'id',
    'making': 'document_id',
    'arrival': 'document_id',
    'recipient': 'document_id',
    'attachment': 'document_id',
    'remark': 'document_id',
    'visibility': 'document_id',
}
ACTS = {'insert': 'new', 'update': 'new', 'delete': 'old'}


def triggers(app, columns):
    """Every change of these tables, whatever act makes it, is told to the index: once for each statement."""
    for table, column in columns.items():
        for act, rows in ACTS.items():
            yield (
                f'create trigger {table}_{act}_told after {act} on {app}_{table} referencing {rows} table as changed '
                f"for each statement execute function index_mark('{column}')",
                f'drop trigger {table}_{act}_told on {app}_{table}',
            )


class Migration(migrations.Migration):
    dependencies = [
        ('documents', '0007_register_books'),
        ('index', '0001_start'),
    ]

    operations = [migrations.RunSQL(made, undone) for made, undone in triggers('documents', COLUMNS)]
