from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("signing", "0001_start"),
    ]

    operations = [
        migrations.AlterField(
            model_name="verification",
            name="verdict",
            field=models.CharField(
                choices=[
                    ("unsigned", "Chưa ký số"),
                    ("valid", "Hợp lệ"),
                    ("undetermined", "Chưa kết luận được"),
                    ("invalid", "Không hợp lệ"),
                ],
                max_length=12,
            ),
        ),
    ]
