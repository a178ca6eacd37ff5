"""The parts of a release, as CycloneDX: whoever hears of a hole in one of them finds out whether it is here.

Python packages come from `requirements.lock` beside this file, with the hash of every file that may be installed for
them; npm packages from what the build of the pages says went into them, with their hash from `package-lock.json`.
"""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from cyclonedx.contrib.hash.factories import HashTypeFactory
from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import AttachedText, ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import License, LicenseAcknowledgement
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

LOCK = Path(__file__).parent / "requirements.lock"
BUNDLED = ".svelte-kit/output/client/.vite/license.json"
"""Where the build of the pages leaves the list of the packages whose code is in them."""
DRAWN = ("inter-ui",)
"""npm packages that are in the pages, but not as code: scripts/fonts.py cuts the letters of the screens from them."""

_ENTRY = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>\S+?)(?: ;.*)? \\\n(?P<rest>(?:[ ].*\n?)+)", re.MULTILINE)
_WANTED_BY = re.compile(r"#(?: via)? +(?!via\b)([A-Za-z0-9][\w.-]*)")


def parts(web: Path, version: str, made: int) -> str:
    """All parts of this version as JSON; the same each time for the same commit. `made`: seconds since 1970."""
    hmis = Component(
        name="hmis",
        version=version,
        type=ComponentType.APPLICATION,
        bom_ref="hmis",
        purl=PackageURL("pypi", None, "hmis", version),
        licenses=[_licence("Apache-2.0")],
    )
    bom = Bom()
    bom.metadata.component = hmis
    bom.metadata.timestamp = datetime.fromtimestamp(made, UTC)
    python, wanted_by = _python()
    npm = list(_npm(web))
    bom.components.update([*python.values(), *npm])
    for name, whose in wanted_by.items():
        for one in whose:
            bom.register_dependency(python.get(one, hmis), [python[name]])
    bom.register_dependency(hmis, npm)
    named = " ".join(sorted(str(one.purl) for one in bom.components))
    bom.serial_number = uuid.uuid5(uuid.NAMESPACE_URL, f"hmis {version} {made} {named}")
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def _python() -> tuple[dict[str, Component], dict[str, set[str]]]:
    """The packages of the lock by name, and which of them (or `hmis`) want each."""
    found, wanted_by = dict[str, Component](), dict[str, set[str]]()
    for entry in _ENTRY.finditer(LOCK.read_text()):
        name, version = entry["name"], entry["version"]
        purl = PackageURL("pypi", None, name, version)
        files = [
            HashType(alg=HashAlgorithm.SHA_256, content=told)
            for told in sorted(re.findall(r"--hash=sha256:(\w+)", entry["rest"]))
        ]
        found[name] = Component(
            name=name,
            version=version,
            bom_ref=str(purl),
            purl=purl,
            licenses=_licences_of(name),
            # A hash belongs to one file, and a package has many: one for each processor, say.
            external_references=[
                ExternalReference(
                    type=ExternalReferenceType.DISTRIBUTION,
                    url=XsUri(str(purl)),
                    comment="one of the files that may be installed",
                    hashes=[file],
                )
                for file in files
            ],
        )
        wanted_by[name] = set(_WANTED_BY.findall(entry["rest"]))
    return found, wanted_by


def _npm(web: Path) -> Iterator[Component]:
    """The packages in the pages. Raises `FileNotFoundError` where these were not built."""
    locked = json.loads((web / "package-lock.json").read_text())["packages"]
    bundled = {one["name"]: one for one in json.loads((web / BUNDLED).read_text())}
    for full in sorted({*bundled, *DRAWN}):
        told = locked[f"node_modules/{full}"]
        scope, _, name = full.rpartition("/")
        purl = PackageURL("npm", scope or None, name, told["version"])
        way, _, sum64 = told["integrity"].partition("-")
        yield Component(
            name=name,
            group=scope or None,
            version=told["version"],
            bom_ref=str(purl),
            purl=purl,
            licenses=[_licence(told["license"], bundled.get(full, {}).get("text", ""))],
            hashes=[HashTypeFactory().from_composite_str(f"{way}:{base64.b64decode(sum64).hex()}")],
        )


def _licences_of(package: str) -> list[License]:
    """What a package says of itself, where it is installed; nothing where it is not, or says nothing."""
    try:
        told: Any = metadata.metadata(package)
    except metadata.PackageNotFoundError:
        return []
    short = told.get("License", "")
    classified = [line.split(" :: ")[-1] for line in told.get_all("Classifier") or [] if line.startswith("License ::")]
    said = told.get("License-Expression") or ("" if "\n" in short else short) or " / ".join(classified)
    return [_licence(said)] if said else []


def _licence(said: str, text: str = "") -> License:
    return LicenseFactory().make_from_string(
        said,
        license_text=AttachedText(content=text) if text else None,
        license_acknowledgement=LicenseAcknowledgement.DECLARED,
    )
