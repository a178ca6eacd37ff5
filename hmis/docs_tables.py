"""The files that the code itself knows: pages of `docs/` (who may do what, the API, the settings, the errors), and the
rules that the browser shares with the server.

`python -m hmis.docs_tables` writes them; `--check` says which are stale, and exits with 1 if any is.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import sys
import types
import typing
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

import hmis
from hmis.app import CONVERTERS, DOMAINS
from hmis.core.access import GRANTS, Permission, Role
from hmis.core.config import Settings
from hmis.core.errors import HmisError, every_refusal
from hmis.core.openapi import document
from hmis.prescriptions import grammar
from hmis.vitals import news2, plausible
from hmis.vitals.schemas import bounds

REPOSITORY = Path(__file__).parent.parent
_NOT_LIBRARY = ("hmis.__main__", "hmis.cli", "hmis.migrations")


def generated() -> dict[str, str]:
    """The text of each generated file, by its path in the repository."""
    described = document([route for domain in DOMAINS for route in domain.routes], CONVERTERS)
    return {
        "docs/access.md": access(described),
        "docs/api.md": api(described),
        "docs/settings.md": settings(),
        "docs/errors.md": errors(),
        "web/src/lib/clinic/rules.json": rules(),
    }


def access(described: dict[str, Any]) -> str:
    """Role by permission, and role by operation."""
    roles = [role.value.replace("_", " ") for role in Role]
    grants = [[f"`{p}`", *(_yes(p in GRANTS[role]) for role in Role), p.says] for p in Permission]
    operations = [
        [f"{method} `{path}`", *(_yes(_may(role, operation)) for role in Role)]
        for method, path, operation in _operations(described)
    ]
    return _page(
        "Who may do what",
        "A role is a set of permissions, and an operation needs any one of those it names. What is not granted is "
        "refused (403), and whoever is not signed in is asked to sign in (401). Beyond the role count the patient in "
        "the address, the author of a record and their 24 hours.",
        "## Roles and permissions",
        _table(["permission", *roles, "what it allows"], grants),
        "## Roles and operations",
        "*open*: nobody need be signed in.",
        _table(["operation", *roles], operations),
    )


def api(described: dict[str, Any]) -> str:
    """All operations, department by department."""
    parts = []
    for tag in described["tags"]:
        rows = [
            [f"{method} `{path}`", operation["summary"], _needs(operation), _sends(operation), _gives(operation)]
            for method, path, operation in _operations(described)
            if tag["name"] in operation["tags"]
        ]
        parts += [f"## {tag['name']}", _table(["operation", "what it does", "needs", "takes", "gives"], rows)]
    return _page(
        "The API",
        "The whole of it, with every field, is at `/api/openapi.json`, to be read at `/apidocs`: both open in "
        "development, and in production for whoever holds `api:read`. Lists answer "
        "`{items, next, total}` and take `limit` and `cursor`. Refusals are `application/problem+json`; see "
        "[errors](errors.md). Who holds which permission is in [access](access.md).",
        *parts,
    )


def settings() -> str:
    """All settings, with what they are when nobody sets them."""
    rows = [
        [f"`HMIS_{name.upper()}`", _kind(field), _default(name, field), field.description or ""]
        for name, field in Settings.model_fields.items()
    ]
    return _page(
        "Settings",
        "Read once from the environment, when the server starts.",
        _table(["name", "kind", "default", "meaning"], rows),
    )


def errors() -> str:
    """All refusals, by status."""
    _import_everything()
    parts = []
    for kind in every_refusal():
        if kind is HmisError:
            continue
        parent = kind.__mro__[1]
        under = "" if parent is HmisError else f" A kind of [{parent.__name__}](#{parent.__name__.lower()})."
        said = " ".join(inspect.cleandoc(kind.__doc__ or "").split())
        parts += [f"## {kind.__name__}", f"**{kind.status} {kind.title}.** {said}{under}"]
    return _page(
        "Errors",
        "Every refusal is `application/problem+json` (RFC 9457). `code`, one of the names below, may be relied on; "
        "`detail` is for people, `fields` says what is wrong with which field, and `request_id` finds it in the log. "
        "`HmisError` with 500 is a fault of ours.",
        *parts,
    )


def rules() -> str:
    """What the browser reads, scores and questions by: the server's own tables."""
    shared = {
        "signature": grammar.exported(),
        "news2": news2.exported(),
        "vitals": {"bounds": bounds(), **plausible.exported()},
    }
    return json.dumps(shared, ensure_ascii=False, indent=1) + "\n"


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 when a file is stale.")
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), default=REPOSITORY, show_default=False)
def main(check: bool, into: Path) -> None:
    """Write the generated files."""
    fresh = generated()
    stale = [name for name, text in fresh.items() if not _same(into / name, text)]
    if check:
        for name in stale:
            click.echo(f"{name} is stale: run `make docs`", err=True)
        sys.exit(1 if stale else 0)
    for name in stale:
        (into / name).parent.mkdir(parents=True, exist_ok=True)
        (into / name).write_text(fresh[name], encoding="utf-8")
        click.echo(f"{name} written")


def _same(file: Path, text: str) -> bool:
    return file.exists() and file.read_text(encoding="utf-8") == text


def _operations(described: dict[str, Any]) -> Iterable[tuple[str, str, dict[str, Any]]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def _may(role: Role, operation: dict[str, Any]) -> bool | None:
    """Whether a role may call an operation; None: everybody may."""
    needed = operation.get("x-permission")
    return None if needed is None else any(permission in GRANTS[role] for permission in needed)


def _yes(may: bool | None) -> str:
    return {True: "yes", False: "·", None: "*open*"}[may]


def _needs(operation: dict[str, Any]) -> str:
    needed = operation.get("x-permission")
    return "*open*" if needed is None else " or ".join(f"`{permission}`" for permission in needed)


def _sends(operation: dict[str, Any]) -> str:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    asked = [parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "query"]
    return " ".join(filter(None, [_name(body), f"?{'&'.join(asked)}" if asked else ""]))


def _gives(operation: dict[str, Any]) -> str:
    status = next(status for status in operation["responses"] if status.startswith("2"))
    content = operation["responses"][status].get("content", {}).get("application/json", {}).get("schema", {})
    return " ".join(filter(None, [status, _name(content)]))


def _name(schema: dict[str, Any]) -> str:
    return f"`{schema['$ref'].rsplit('/', 1)[-1]}`" if schema else ""


def _kind(field: FieldInfo) -> str:
    """A setting's type, as an administrator understands it."""
    kind = field.annotation
    if typing.get_origin(kind) is typing.Literal:
        return " or ".join(f"`{choice}`" for choice in typing.get_args(kind))
    if isinstance(kind, types.UnionType):
        kind = next(choice for choice in typing.get_args(kind) if choice is not types.NoneType)
    return {str: "text", int: "whole number", bool: "yes or no", Path: "path"}.get(kind, str(kind))  # type: ignore[arg-type]


def _default(name: str, field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "must be set"
    if "secret" in name:
        return "one that everybody knows"
    return f"`{field.default}`" if field.default not in ("", None) else ""


def _import_everything() -> None:
    """Have every domain's own errors there, whoever asks."""
    for module in pkgutil.walk_packages(hmis.__path__, "hmis."):
        if not module.name.startswith(_NOT_LIBRARY):
            importlib.import_module(module.name)


def _page(title: str, *parts: str) -> str:
    made = "<!-- Made by `make docs` from the code; edit the code instead. -->"
    return "\n\n".join([f"# {title}", made, *parts]) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    main()
