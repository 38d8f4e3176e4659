import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

ONCE = models.Q(arrival_number__isnull=False, classified=None, once_classified=None)
SECRET = models.Q(arrival_number__isnull=False) & (
    models.Q(classified__isnull=False) | models.Q(once_classified__isnull=False)
)
BOOK = ["agency", "arrival_year", "arrival_number"]


class Migration(migrations.Migration):
    """What a document was sealed as until it was brought into clear; it keeps its number in the separate book."""

    atomic = False
    dependencies = [("vault", "0006_defaults_in_the_database"), ("documents", "0016_index_of_joint_seals")]

    operations = [
        migrations.AddField(
            model_name="document",
            name="once_classified",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="vault.classified",
            ),
        ),
        AddIndexConcurrently(
            model_name="document",
            index=models.Index(
                fields=["once_classified"],
                condition=models.Q(once_classified__isnull=False),
                name="document_once_classified",
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "CREATE UNIQUE INDEX CONCURRENTLY arrival_book_once ON documents_document"
                    " (agency_id, arrival_year, arrival_number)"
                    " WHERE arrival_number IS NOT NULL AND classified_id IS NULL AND once_classified_id IS NULL",
                    "DROP INDEX CONCURRENTLY arrival_book_once",
                ),
                migrations.RunSQL(
                    "CREATE UNIQUE INDEX CONCURRENTLY secret_arrival_book_once ON documents_document"
                    " (agency_id, arrival_year, arrival_number) WHERE arrival_number IS NOT NULL"
                    " AND (classified_id IS NOT NULL OR once_classified_id IS NOT NULL)",
                    "DROP INDEX CONCURRENTLY secret_arrival_book_once",
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY arrival_number_once",
                    "CREATE UNIQUE INDEX CONCURRENTLY arrival_number_once ON documents_document"
                    " (agency_id, arrival_year, arrival_number)"
                    " WHERE arrival_number IS NOT NULL AND classified_id IS NULL",
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY secret_arrival_number_once",
                    "CREATE UNIQUE INDEX CONCURRENTLY secret_arrival_number_once ON documents_document"
                    " (agency_id, arrival_year, arrival_number)"
                    " WHERE arrival_number IS NOT NULL AND classified_id IS NOT NULL",
                ),
            ],
            state_operations=[
                migrations.RemoveConstraint("document", "arrival_number_once"),
                migrations.RemoveConstraint("document", "secret_arrival_number_once"),
                migrations.AddConstraint(
                    "document", models.UniqueConstraint(fields=BOOK, condition=ONCE, name="arrival_book_once")
                ),
                migrations.AddConstraint(
                    "document", models.UniqueConstraint(fields=BOOK, condition=SECRET, name="secret_arrival_book_once")
                ),
            ],
        ),
    ]
