"""docs/reference/images.md: the document that `dockyard images scan` writes, from its structs."""

from __future__ import annotations

from dev.reference.report import _table

PAGE = "docs/reference/images.md"

HEAD = """\
# The graph of images

Made from `src/dockyard/model/lineage.py` by `./dev docs`. `dockyard images scan -o FILE` writes it, `dockyard images … --graph FILE` reads it, `dockyard schema images`
prints the same as JSON Schema. Fields are added under the same version; a change of what is there gets a new one, and a document of
a newer version is refused. A field that is not there is empty; an image is named as people write it (`alpine:3.20`), its key is the name, a
space and the platform.

"""


def render() -> str:
    from dockyard.model import lineage

    structs = (lineage.Graph, lineage.Node, lineage.Recipe, lineage.Edge, lineage.Learned, lineage.Unused, lineage.Flaw)
    kinds = ", ".join(f"`{kind}`" for kind in lineage.EdgeKind)
    hows = ", ".join(f"`{how}`" for how in lineage.How)
    parts = [HEAD + f"## Version {lineage.VERSION}\n"]
    for struct in structs:
        parts += _table(struct)
    return (
        "\n".join(parts)
        + f"`kind`: {kinds}. `how`: {hows}. A `Location` is `file`, `line` and `column`, counted from 1; 0 is unknown.\n"
    )
