class ExportError(Exception):
    """A checkpoint, an option or a written graph is not as it must be. The message is for the user."""
