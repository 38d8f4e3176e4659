"""Backups, and the pulse of processes."""

from __future__ import annotations

from django.db import models


class Backup(models.Model):
    """One try at a backup: what it holds, or why there is none; `verified_at` when every byte of it was last read again."""

    place = models.CharField(max_length=500)
    made_at = models.DateTimeField()
    files = models.BigIntegerField(default=0)
    size = models.BigIntegerField(default=0)  # of the files and of the database's dump
    head = models.TextField(blank=True)  # the journal's last checkpoint in it
    fault = models.CharField(max_length=500, blank=True)
    verified_at = models.DateTimeField(null=True)
    verify_fault = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place"], name="backup_once")]
        indexes = [models.Index(fields=["-made_at"], name="backup_latest")]

    def __str__(self) -> str:
        return self.place


class Pulse(models.Model):
    """A process that lives beside web and worker, by its name and machine, with what troubles it."""

    name = models.CharField(max_length=40)
    machine = models.CharField(max_length=120)
    version = models.CharField(max_length=40)
    beat_at = models.DateTimeField()
    fault = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "machine"], name="pulse_once")]

    def __str__(self) -> str:
        return f"{self.name} on {self.machine}"
