"""What has changed and is not in the index yet."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Due(models.Model):
    """A thing whose entry must be written again. Rows are made by the trigger function `index_mark`, and taken away by the writer.

    `slow`: only the text of its files is still missing. `taken`: written into the index in use while another one is being built.
    """

    subject_id = models.BigIntegerField()
    made_at = models.DateTimeField(db_default=Now())
    slow = models.BooleanField(db_default=False)
    taken = models.BooleanField(db_default=False)

    def __str__(self) -> str:
        return f"{self.subject_id} since {self.made_at}"
