"""Subset Inter for the screens: Latin, and the letters of Hausa, Yoruba, Igbo and French, in two files.

Run where the fonts change (needs `pip install fonttools brotli`, and `npm ci` for the source):
    python scripts/fonts.py
"""

from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

HERE = Path(__file__).parent.parent
SOURCE = HERE / "node_modules/inter-ui/variable/InterVariable.woff2"
FEATURES = ["kern", "calt", "ccmp", "locl", "mark", "mkmk", "tnum", "zero", "ss02", "case"]
LATIN = "U+0020-007E,U+00A0-00FF,U+0131,U+0152-0153,U+2010-2014,U+2018-201A,U+201C-201E,U+2020-2022,U+2026,U+2030,"
LATIN += "U+2039-203A,U+2044,U+20A6,U+20AC,U+2122,U+2190-2193,U+2212,U+2248,U+2260,U+2264-2265,U+2080-2089,U+00B2-00B3,"
LATIN += "U+25B2,U+25BC,U+23CE,U+2318,U+2713,U+2717"
EXTENDED = "U+0100-017F,U+0181,U+018A,U+0198-0199,U+01B3-01B4,U+0253,U+0257,U+0272,U+019D,U+0186,U+0190,U+0254,U+025B,"
EXTENDED += "U+0300-0304,U+0306,U+0308,U+030A-030C,U+0323,U+0331,U+1E00-1EFF"

for name, unicodes in {"inter-latin": LATIN, "inter-extended": EXTENDED}.items():
    font = TTFont(SOURCE)
    options = subset.Options()
    options.flavor = "woff2"
    options.layout_features = FEATURES
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=subset.parse_unicodes(unicodes))
    subsetter.subset(font)
    font = instancer.instantiateVariableFont(font, {"opsz": 14, "wght": (400, 700)})
    target = HERE / f"static/fonts/{name}.woff2"
    font.flavor = "woff2"
    font.save(target)
    print(f"{target.name}: {target.stat().st_size / 1000:.0f} kB")
