from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0011_arrival_stamp'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='document',
            name='document_sealed_has_a_level',
        ),
        AddConstraintNotValid(
            model_name='document',
            constraint=models.CheckConstraint(condition=models.Q(('classified', None), ('secrecy__gt', 0), ('direction', 'in'), ('status', 'issued'), _connector='OR'), name='document_sealed_has_a_level'),
        ),
    ]
