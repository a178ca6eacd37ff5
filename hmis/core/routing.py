"""Routes as declarations: where a view stands, what it needs, what it takes and what it gives."""

from __future__ import annotations

import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel

from hmis.core.access import Permission
from hmis.core.tongue import ENGLISH, Tongue

API = "/api/v1"

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Route:
    """One operation of the API, as declared."""

    domain: Domain
    method: str
    path: str
    view: Callable[..., Any]
    needs: tuple[Permission, ...] | None
    """Any one of them is enough; None: open to the world."""
    gives: type[BaseModel] | None
    status: int
    body: type[BaseModel] | None
    query: type[BaseModel] | None
    listed: bool = False
    writes: bool = True
    keeps_answer: bool = True
    searches: bool = False
    anonymous: bool = False
    """Answered without asking who is there, and so even where the database is down."""
    home: str = ""
    """Where what is made here can be found, if not under the path it was posted to."""
    leads_to: str = ""
    """Where the browser goes once a plain form was taken; empty: no form but an operation of the API."""
    tongue: Tongue = ENGLISH
    """In what language a plain form is told that it was not taken."""

    @property
    def endpoint(self) -> str:
        """The name Flask knows it by: one view may stand at several paths."""
        return f"{self.method} {self.path}"


@dataclass
class Domain:
    """The routes of one domain, collected as its views are declared."""

    name: str
    title: str
    prefix: str = API
    small: bool = False
    """Its writes are of a few bytes: they are done as long as there is any room on the disk."""
    routes: list[Route] = field(default_factory=list)
    """The operations of the API."""
    forms: list[Route] = field(default_factory=list)
    """What pages of ours send without a script; no part of the API."""

    def show(
        self,
        path: str,
        *,
        needs: Permission | Sequence[Permission] | None,
        gives: type[BaseModel],
        anonymous: bool = False,
    ) -> Callable[[View], View]:
        """GET one thing. `anonymous`: it is not even asked who wants to know."""
        return self._declare("GET", path, needs, gives, writes=False, anonymous=anonymous)

    def list(
        self,
        path: str,
        *,
        needs: Permission | Sequence[Permission] | None,
        gives: type[BaseModel],
        searches: bool = False,
    ) -> Callable[[View], View]:
        """GET a page of things. `searches`: it looks over many patients, which the audit notes."""
        return self._declare("GET", path, needs, gives, writes=False, listed=True, searches=searches)

    def create(
        self,
        path: str,
        *,
        needs: Permission | Sequence[Permission] | None,
        gives: type[BaseModel],
        keeps_answer: bool = True,
        home: str = "",
    ) -> Callable[[View], View]:
        """POST a new thing; 201. `keeps_answer=False` where the answer holds a secret."""
        how = {"keeps_answer": keeps_answer, "home": home and self.prefix + home}
        return self._declare("POST", path, needs, gives, status=201, **how)

    def change(
        self, path: str, *, needs: Permission | Sequence[Permission], gives: type[BaseModel]
    ) -> Callable[[View], View]:
        """PUT: change what was sent and nothing else."""
        return self._declare("PUT", path, needs, gives)

    def remove(self, path: str, *, needs: Permission | Sequence[Permission]) -> Callable[[View], View]:
        """DELETE: withdraw, retire, deactivate; 204."""
        return self._declare("DELETE", path, needs, None, status=204)

    def act(
        self,
        path: str,
        *,
        needs: Permission | Sequence[Permission] | None,
        gives: type[BaseModel] | None,
        method: str = "POST",
        keeps_answer: bool = True,
    ) -> Callable[[View], View]:
        """Anything else that is done; 200, or 204 where nothing is given."""
        return self._declare(method, path, needs, gives, status=200 if gives else 204, keeps_answer=keeps_answer)

    def form(self, path: str, *, leads_to: str, tongue: Tongue = ENGLISH) -> Callable[[View], View]:
        """POST of a plain HTML form by a page of ours, in nobody's name; on to another page (303) when it was taken.

        To stand over `create` or `act`: the same view, at a path of its own outside the API.
        """

        def declare(view: View) -> View:
            body = typing.get_type_hints(view)["body"]
            how: dict[str, Any] = {"anonymous": True, "leads_to": leads_to, "tongue": tongue}
            self.forms.append(Route(self, "POST", path, view, None, None, 303, body, None, **how))
            return view

        return declare

    def ask(
        self, path: str, *, needs: Permission | Sequence[Permission], gives: type[BaseModel]
    ) -> Callable[[View], View]:
        """POST a question whose text belongs in no address; 200, and nothing is changed or kept."""
        return self._declare("POST", path, needs, gives, writes=False, keeps_answer=False)

    def _declare(
        self,
        method: str,
        path: str,
        needs: Permission | Sequence[Permission] | None,
        gives: type[BaseModel] | None,
        status: int = 200,
        **how: Any,
    ) -> Callable[[View], View]:
        needed = (needs,) if isinstance(needs, Permission) else needs if needs is None else tuple(needs)

        def declare(view: View) -> View:
            hints = typing.get_type_hints(view)
            self.routes.append(
                Route(
                    self,
                    method,
                    self.prefix + path,
                    view,
                    needed,
                    gives,
                    status,
                    hints.get("body"),
                    hints.get("query"),
                    **how,
                )
            )
            return view

        return declare


def refused(route: Route) -> tuple[int, ...]:
    """Statuses a route may refuse with, for the API document."""
    statuses = {503}
    if not route.anonymous:
        statuses |= {401, 403}
    if route.body or route.query or "<" in route.path or route.method in ("POST", "PUT"):
        statuses |= {422}
    if route.query or "<" in route.path:
        statuses |= {404}
    if route.body:
        statuses |= {413}
    if route.method != "GET":
        statuses |= {409, 429}
    if route.method == "PUT":
        statuses |= {412}
    if route.method != "GET" and "<" in route.path:
        statuses |= {423}
    return tuple(sorted(statuses))
