"""Writes schema_check.py from compose-spec.json: `python -m dockyard.compose.generate`. A test keeps the two in step.

Generated ahead, because making the checker costs 100 ms and checking a file 0.2.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, cast

_HEAD = '''"""Generated from compose-spec.json by `python -m dockyard.compose.generate`. Don't edit."""
# ruff: noqa
# pyright: basic, reportGeneralTypeIssues=false
'''


def generated() -> str:
    """The text of schema_check.py."""
    import fastjsonschema  # type: ignore[import-untyped]

    from dockyard.compose.schema import compose_schema

    schema = dict(compose_schema())
    schema.pop("$id", None)
    schema["$schema"] = "http://json-schema.org/draft-07/schema"
    code = str(fastjsonschema.compile_to_code(_without_words(schema), use_default=False, detailed_exceptions=False))
    body = "\n".join(line for line in code.splitlines() if not line.startswith(("VERSION", "from ")))
    # Words would double the file, and nobody reads them: where the check says no, schema.py finds out why.
    body = re.sub(r"raise JsonSchemaValueException\(.*\)$", "raise Invalid", body, flags=re.MULTILINE)
    body = re.sub(r"\(JsonSchemaValueException, JsonSchemaValuesException\)", "Invalid", body)
    body = re.sub(r', \(?name_prefix or "data"\)? \+ "[^"]*"(?:\.format\(\*\*locals\(\)\))?', "", body)
    body = (
        body.replace(", custom_formats={}, name_prefix=None", "")
        .replace(", custom_formats)", ")")
        .replace("custom_formats, ", "")
    )
    return f"{_HEAD}{_EXCEPTION}\n{body.replace(', Decimal', '')}\n"


_EXCEPTION = '''

class Invalid(ValueError):
    """The tree isn't valid."""

'''


def _without_words(schema: Any) -> Any:
    """The schema without descriptions, which the checker has no use for."""
    if isinstance(schema, dict):
        kept = cast("dict[str, Any]", schema).items()
        words = ("description", "title", "deprecated")
        return {key: _without_words(value) for key, value in kept if key not in words or isinstance(value, dict)}
    if isinstance(schema, list):
        return [_without_words(item) for item in cast("list[Any]", schema)]
    return schema


if __name__ == "__main__":
    Path(__file__).with_name("schema_check.py").write_text(generated(), encoding="utf-8")
