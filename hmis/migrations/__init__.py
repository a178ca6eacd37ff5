"""The schema's history. Every step suits the release still running: add, fill, and remove a release later."""
