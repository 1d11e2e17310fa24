"""How Sphinx builds the site; neither the build nor a page fetches anything."""

import re
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from chapter import SIZES, draw_pictures, pictures_of

from gatework.look.canvas.theme import picture_css

project = "Gatework"
copyright = "the authors of Gatework, Apache-2.0"  # the name is Sphinx's
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["pictures"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
html_theme = "furo"
html_static_path = ["style"]
html_css_files = ["site.css"]
html_title = "Gatework"
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
autodoc_typehints = "none"
autodoc_member_order = "bysource"
napoleon_custom_sections = ["Shapes", "Equations", "Layout"]
suppress_warnings = ["config.cache"]


PICTURE = re.compile(r"^!\[([^\]]*)\]\(pictures/([\w-]+)\.svg\)$", re.MULTILINE)
"""A picture of the chapter."""

SCHEMES = ("light", "dark")
IN_A_SCHEME = """::::{{container}} on-{size}
:::{{image}} pictures/{size}/{name}-{scheme}.svg
:alt: {alt}
:class: only-{scheme}
:::
::::
"""
"""The same in a size and the colours of one theme of the site, and seen in these alone."""

TABLES = "../benchmarks/results/"
"""Where pages point to for measurements; on the site they are pages of its own."""


def prepare(app) -> None:
    """Draw the pictures of the chapter, and bring the tables of measurements along."""
    docs = Path(app.srcdir)
    draw_pictures(docs)
    for picture in (
        docs / "pictures" / size / name for size in SIZES for name in pictures_of(docs)
    ):
        for scheme in SCHEMES:
            drawn = picture.read_text(encoding="utf-8").replace(picture_css(), picture_css(scheme))
            target = picture.with_name(f"{picture.stem}-{scheme}.svg")
            target.write_text(drawn, encoding="utf-8")
    (docs / "results").mkdir(exist_ok=True)
    for table in sorted((docs / TABLES).glob("*.md")):
        shutil.copyfile(table, docs / "results" / table.name)


def point_to_tables(app, name: str, source: list[str]) -> None:
    """Let links to the tables of measurements lead to their pages on the site."""
    source[0] = source[0].replace(TABLES, "results/")


def follow_the_theme(app, name: str, source: list[str]) -> None:
    """Show each picture in the reader's size and the colours of the theme that was chosen."""

    def both(found: re.Match[str]) -> str:
        told = {"alt": found[1], "name": found[2]}
        kinds = [{"size": size, "scheme": scheme} for size in SIZES for scheme in SCHEMES]
        return "\n".join(IN_A_SCHEME.format(**kind, **told) for kind in kinds)

    source[0] = PICTURE.sub(both, source[0])


def set_in_type(app, what, name, obj, options, lines: list[str]) -> None:
    """Show shapes and equations as they are written, and a source as a paragraph."""
    shown, inside = [], ""
    for line in lines:
        heading = re.match(r"(Shapes|Equations|Layout|Source|Sources):", line)
        if line.strip() and not line.startswith(" "):
            inside = heading[1] if heading else ""
            shown.append(line)
            if inside in ("Shapes", "Equations", "Layout"):
                shown += ["    ::", ""]
        elif inside.startswith("Source"):
            shown.append(line.strip())
        else:
            shown.append(f"    {line}" if inside and line.strip() else line)
    lines[:] = shown


def setup(app) -> None:
    """Hear of what Sphinx does."""
    app.connect("autodoc-process-docstring", set_in_type, priority=400)
    app.connect("builder-inited", prepare)
    app.connect("source-read", point_to_tables)
    app.connect("source-read", follow_the_theme)
