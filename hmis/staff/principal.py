"""Who is behind a request: Flask-Login over sessions that the server keeps. The only Flask here beside the routes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from flask import Flask, g, request, session
from flask_login import LoginManager, current_user, login_user
from flask_wtf.csrf import generate_csrf

from hmis.core.access import Actor
from hmis.core.http import edge
from hmis.staff import passwords, sessions

UNCOUNTED = frozenset({"/auth/isauthenticated", "/auth/getcsrf", "/api/v1/changes"})
"""Asked by pages, not by people: these do not prolong a session. Pages mark others with `X-Background: 1`."""


class Visitor:
    """The person of a request, as Flask-Login wants to see one."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, token: str, actor: Actor) -> None:
        self.token, self.actor = token, actor

    def get_id(self) -> str:
        """What the signed cookie holds: the token, never an account's key."""
        return self.token


def attach(app: Flask, password_memory_kib: int) -> Callable[[], Actor | None]:
    """Let people sign in to `app`. What is returned tells who sends the request in hand; None: nobody known."""
    manager = LoginManager()
    manager.session_protection = None  # the server ends sessions; a new address or browser version does not
    manager.init_app(app, add_context_processor=False)
    passwords.warm_up(password_memory_kib)

    def load(token: str) -> Visitor | None:
        in_background = request.headers.get("X-Background") == "1" or request.path in UNCOUNTED
        present = sessions.who(edge().store, token, prolong=not in_background)
        return Visitor(token, present.actor) if present else None

    manager.user_loader(load)
    return principal


def principal() -> Actor | None:
    """Who sends this request, from where."""
    if not current_user.is_authenticated:
        return None
    actor: Actor = current_user.actor
    return replace(actor, address=address(), request_id=request_id())


def let_in(opened: sessions.Opened) -> str:
    """Put a new session into the cookie and nothing of the old one; the CSRF token that goes with it."""
    session.clear()
    g.pop("csrf_token", None)
    login_user(Visitor(opened.token, opened.actor))
    token: str = generate_csrf()
    return token


def let_out() -> None:
    """Take everything out of the cookie."""
    session.clear()
    g.pop("csrf_token", None)


def address() -> str:
    """Where the request comes from, as far as the trusted proxies tell."""
    return request.remote_addr or ""


def request_id() -> str:
    """The name of this request in logs and audit."""
    found: str = g.request_id
    return found
