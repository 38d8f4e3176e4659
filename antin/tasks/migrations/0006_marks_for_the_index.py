from django.db import migrations

ACTS = {'insert': 'new', 'update': 'new', 'delete': 'old'}


def triggers():
    """The words of directives and results are found with their document: every change of them is told to the index."""
    for table in ('directive', 'assignment'):
        for act, rows in ACTS.items():
            yield (
                f'create trigger {table}_{act}_told after {act} on tasks_{table} referencing {rows} table as changed '
                f"for each statement execute function index_mark('document_id')",
                f'drop trigger {table}_{act}_told on tasks_{table}',
            )


class Migration(migrations.Migration):
    dependencies = [
        ('tasks', '0005_work_by_unit'),
        ('index', '0001_start'),
    ]

    operations = [migrations.RunSQL(made, undone) for made, undone in triggers()]
