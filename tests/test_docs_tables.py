"""The generated files say what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from hmis import docs_tables
from hmis.core.access import GRANTS, Permission, Role
from hmis.core.config import Settings
from hmis.core.errors import every_refusal

FILES = docs_tables.generated()


@pytest.mark.parametrize("name", FILES)
def test_the_file_in_the_repository_is_fresh(name: str) -> None:
    assert (docs_tables.REPOSITORY / name).read_text(encoding="utf-8") == FILES[name], "run `make docs`"


def test_each_permission_each_setting_and_each_error_is_told() -> None:
    for permission in Permission:
        granted = ["yes" if permission in GRANTS[role] else "·" for role in Role]
        assert f"| `{permission}` | {' | '.join(granted)} | {permission.says} |" in FILES["docs/access.md"]
    assert all(f"`HMIS_{name.upper()}`" in FILES["docs/settings.md"] for name in Settings.model_fields)
    assert all(f"## {kind.__name__}\n" in FILES["docs/errors.md"] for kind in every_refusal() if kind.status != 500)


def test_no_secret_is_told() -> None:
    assert Settings().secret_key not in "".join(FILES.values())


def test_a_stale_file_is_told_and_written_anew(tmp_path: Path) -> None:
    run = CliRunner()
    assert run.invoke(docs_tables.main, ["--into", str(tmp_path)]).exit_code == 0
    assert run.invoke(docs_tables.main, ["--into", str(tmp_path), "--check"]).exit_code == 0
    (tmp_path / "docs/errors.md").write_text("old")
    (tmp_path / "docs/api.md").unlink()
    check = run.invoke(docs_tables.main, ["--into", str(tmp_path), "--check"])
    assert check.exit_code == 1
    assert "docs/errors.md is stale" in check.stderr
    assert "docs/api.md is stale" in check.stderr
    assert "access.md" not in check.stderr
    assert (tmp_path / "docs/errors.md").read_text() == "old"
    run.invoke(docs_tables.main, ["--into", str(tmp_path)])
    assert {name: (tmp_path / name).read_text(encoding="utf-8") for name in FILES} == FILES
