from django.db import migrations


class Migration(migrations.Migration):
    """Documents are found by their field and retention period: a change of these is told to the index like any other."""

    dependencies = [
        ('documents', '0027_what_drafts_begin_with'),
        ('index', '0002_things_without_a_document'),
    ]

    operations = [
        migrations.RunSQL(
            f'create trigger filing_{act}_told after {act} on documents_filing referencing {rows} table as changed '
            "for each statement execute function index_mark('document_id')",
            f'drop trigger filing_{act}_told on documents_filing',
        )
        for act, rows in {'insert': 'new', 'update': 'new', 'delete': 'old'}.items()
    ]
