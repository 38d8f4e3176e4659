from django.db import models


class File(models.Model):
    """Bytes that are kept, named by their SHA-256. They lie in the state folder; this row is written after them."""

    digest = models.CharField(max_length=64, primary_key=True)
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=100)
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(digest__regex=r"^[0-9a-f]{64}$"), name="files_digest_is_sha256"),
            models.CheckConstraint(condition=models.Q(size__gte=0), name="files_size_is_not_negative"),
        ]

    def __str__(self) -> str:
        return self.digest


class Rendition(models.Model):
    """Another form of a file, itself a file: a page image, its text. It can be made again at any time."""

    file = models.ForeignKey(File, on_delete=models.PROTECT, related_name="renditions")
    kind = models.CharField(max_length=40)
    part = models.IntegerField()
    form = models.ForeignKey(File, on_delete=models.PROTECT, related_name="+", db_column="digest")
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint("file", "kind", "part", name="files_one_rendition_per_part")]

    def __str__(self) -> str:
        return f"{self.file_id} {self.kind} {self.part}"
