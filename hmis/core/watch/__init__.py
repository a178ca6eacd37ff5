"""What whoever runs the server watches: its log, its metrics, and whether it is alive and ready."""
