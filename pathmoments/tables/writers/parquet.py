"""Parquet (extra `parquet`): every column is text as in CSV, so that no value is rounded; the specification is in the metadata."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from ..._version import __version__
from ...errors import MissingExtraError
from .entries import entry_text
from .json import SCHEMA

if TYPE_CHECKING:
    from ..result import Table


def write_parquet(table: Table, path: Path) -> None:
    """Write the table; blanks are nulls.

    Raises
    ------
    MissingExtraError
        If pyarrow is not installed.
    """
    try:
        import pyarrow  # type: ignore[import-untyped]  # ships no types
        import pyarrow.parquet  # type: ignore[import-untyped]  # ships no types
    except ImportError as error:
        raise MissingExtraError("Parquet needs pyarrow: pip install 'pathmoments[parquet]'") from error
    columns = zip(*table.rows, strict=True)
    arrays = [
        pyarrow.array([None if e is None else entry_text(e) for e in column], pyarrow.string()) for column in columns
    ]
    about = {"schema": SCHEMA, "version": __version__, "spec": table.spec.to_json()}
    names = [heading.name for heading in table.columns]
    content = pyarrow.table(arrays, names=names).replace_schema_metadata({"pathmoments": json.dumps(about)})
    pyarrow.parquet.write_table(content, path, compression="zstd")
