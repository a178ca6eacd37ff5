"""Signing in at the console: the same password, throttle, session and audit as everywhere else."""

from __future__ import annotations

import uuid
from getpass import getpass

from hmis.core.access import Actor
from hmis.core.store import Store
from hmis.staff import service as staff
from hmis.staff import sessions
from hmis.staff.sessions import Opened

ADDRESS = "console"
"""Where the audit says that somebody signed in here."""


def sign_in_at_console(store: Store, username: str, password: str) -> Opened:
    """A session for whoever has this user name (or e-mail) and password; listed and ended like any other.

    Raises `NotSignedIn`, always in the same words, or `TooManyRequests`.
    """
    request_id = uuid.uuid4().hex
    person = staff.authenticate(store, username, password, ADDRESS, request_id)
    with store.session(small=True) as session:
        opened = sessions.begin(session, person, address=ADDRESS, user_agent="hmis console", request_id=request_id)
        session.commit()
    return opened


def sign_out_at_console(store: Store, actor: Actor) -> None:
    """End the session."""
    with store.session(actor, small=True) as session:
        sessions.end(session, actor)
        session.commit()


def ask_again(store: Store, username: str) -> Opened:
    """Ask at the terminal for the password of somebody whose session has ended, and open another."""
    return sign_in_at_console(store, username, getpass(f"Password of {username}: "))
