"""News of consultations for the departments above, told and acted on in the same transaction."""

from __future__ import annotations

from blinker import Signal

consultation_voided = Signal(
    "A consultation was withdrawn by its author. Sent with the consultation; `session` and `reason` as keywords. "
    "Who hears it withdraws what that author wrote in it, and raises `Conflict` where it is too late for that."
)
