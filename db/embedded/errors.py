"""The failures of the embedded server."""


class EmbeddedError(Exception):
    """The embedded server can't run; the message says why and what to do."""


class BackupError(Exception):
    """A backup can't be made or restored; the message says why. Nothing was changed."""
