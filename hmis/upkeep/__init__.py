"""Looking after the whole store: backups that are proven every night, restoring them, moving to another database."""


class Refused(Exception):
    """It was not done, or went wrong; the message says why, and what to do."""
