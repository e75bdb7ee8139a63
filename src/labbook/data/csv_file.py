"""What moved to data/reading/names.py, for those who still ask here."""

from labbook.data.reading.names import names_like, refuse_missing, some

__all__ = ["names_like", "refuse_missing", "some"]
