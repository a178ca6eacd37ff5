"""By which way a drug is given: the words everybody reads, and what a prescriber may type for them.

Spellings are for typing only. SC and SL stand on the ISMP list of error-prone abbreviations, so they are read and never
shown; what stands there and means two things (os: left eye, by mouth, bone) is refused.
"""

from __future__ import annotations

ROUTES: dict[str, tuple[str, ...]] = {
    "oral": ("po", "by mouth", "orally"),
    "intravenous": ("iv", "intravenously"),
    "intramuscular": ("im", "intramuscularly"),
    "subcutaneous": ("sc", "subcut", "subcutaneously", "under the skin"),
    "intradermal": ("intradermally",),
    "sublingual": ("sl", "sublingually", "under the tongue"),
    "buccal": ("buccally",),
    "inhaled": ("inh", "by inhalation"),
    "nebulised": ("neb", "nebs", "nebulized", "by nebuliser", "by nebulizer"),
    "nasal": ("nasally", "intranasal", "into the nose"),
    "rectal": ("pr", "rectally"),
    "vaginal": ("pv", "vaginally"),
    "topical": ("top", "topically", "on the skin", "to the skin"),
    "transdermal": ("transdermally",),
    "nasogastric": ("ng", "ngt", "by nasogastric tube", "nasogastric tube"),
    "eye": ("ophthalmic", "ocular", "to the eye"),
    "right eye": ("to the right eye", "into the right eye"),
    "left eye": ("to the left eye", "into the left eye"),
    "both eyes": ("to both eyes", "into both eyes", "each eye"),
    "ear": ("otic", "aural", "to the ear"),
    "right ear": ("to the right ear", "into the right ear"),
    "left ear": ("to the left ear", "into the left ear"),
    "both ears": ("to both ears", "into both ears", "each ear"),
    "intraosseous": ("io",),
    "intrathecal": ("intrathecally",),
    "epidural": ("epidurally",),
}
"""By the word that is stored and shown."""

ERROR_PRONE: dict[str, str] = {
    "per os": "po",
    "os": "left eye",
    "ou": "both eyes",
    "ad": "right ear",
    "au": "both ears",
    "sq": "subcut",
    "sub q": "subcut",
    "subq": "subcut",
}
"""What is refused, with what to write instead. ISMP list of error-prone abbreviations, 2021."""
