"""What makes the audit trail tell of tampering: its keys, the spool of readings, seals, anchor, and their verifying."""
