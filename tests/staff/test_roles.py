"""What each role may do, as an administrator reads it."""

from __future__ import annotations

from hmis.core.access import GRANTS, Permission, Role
from tests.conftest import Person


def test_an_administrator_reads_what_each_role_may_do(admin: Person) -> None:
    told = admin.get("/roles").json
    assert told is not None
    assert {line["role"]: set(line["permissions"]) for line in told["roles"]} == {
        role.value: {permission.value for permission in GRANTS[role]} for role in Role
    }
    nurse = next(line for line in told["roles"] if line["role"] == "nurse")
    assert "notes:record" in nurse["permissions"]
    assert "prescriptions:write" not in nurse["permissions"]


def test_each_permission_is_told_in_a_sentence_of_its_own(admin: Person) -> None:
    told = admin.get("/roles").json
    assert told is not None
    assert [line["permission"] for line in told["permissions"]] == [permission.value for permission in Permission]
    sentences = [line["says"] for line in told["permissions"]]
    assert len(set(sentences)) == len(sentences)
    assert all(sentence[0].isupper() and sentence.endswith(".") for sentence in sentences)


def test_nobody_else_needs_the_matrix(doctor: Person) -> None:
    assert doctor.get("/roles").status_code == 403
