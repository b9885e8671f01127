"""The graph as a document."""

from __future__ import annotations

import json

import pytest
from tests.support.graphs import P, edge, graph

from dockyard.images import document
from dockyard.model.errors import Location, UserError
from dockyard.model.lineage import Flaw, Graph, Unused


def test_what_is_written_is_read_again_a_line_an_entry() -> None:
    made = graph("a:1 < base:1", edge("a:1 <copy t:1", pinned="sha256:x"))
    whole = Graph(
        version=1,
        nodes=made.nodes,
        edges=made.edges,
        unused=(Unused(child=f"a:1 {P}", name="x:1", stage="s", at=Location("D", 1)),),
        flaws=(Flaw(what="no"),),
    )
    data = document.write(whole)
    assert document.read(data, "g") == whole
    assert len(data.splitlines()) == 17 and json.loads(data)["version"] == 1
    assert document.read(document.write(Graph(version=1)), "g") == Graph(version=1)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "is no graph of images"),
        ('{"version": 2}', "version 2; this Dockyard reads 1"),
        ('{"version": 1, "nodes": [{"name": "a"}]}', "platform"),
        ('{"version": 1, "edges": [{"child": "a x", "parent": "b x", "kind": "from", "learned": []}]}', "an edge names a x"),
        ('{"version": 1, "edges": [{"child": "a x", "parent": "b x", "kind": "like", "learned": []}]}', "like"),
    ],
)
def test_what_is_no_graph_is_refused_with_the_reason(text: str, says: str) -> None:
    with pytest.raises(UserError, match=says):
        document.read(text.encode(), "g")
