"""The reference page of fields comes from the table that decides."""

from __future__ import annotations

from dev.reference import compose_fields


def test_the_page_has_a_line_for_each_field_with_what_happens_to_it() -> None:
    page = compose_fields.render()
    assert "| `services.*.provider` | refused | a provider is a program on the host, not a container |" in page
    assert "| `services.*.volumes[].volume.subpath` | honoured | from API 1.45 (Docker Engine 26.0) |" in page
    assert "| `services.*.annotations` | honoured | from API 1.43 (Docker Engine 24.0), else left out with a warning |" in page
    assert page.count("\n| `") > 330
