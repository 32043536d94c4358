# SPDX-License-Identifier: Apache-2.0
"""Views that outlive the process: the text of a query in the folder that a table of the view's name would have."""

import json
import os
from typing import Any

from holdfast.errors import AnalysisException
from holdfast.paths import to_local

VIEW_FILE = "_view.json"


def create_view(session: Any, name: str, replaces: bool, query: str) -> None:
    """CREATE VIEW. The names of the query keep the meaning that they have now."""
    catalog = session.catalog
    folder = to_local(catalog._location(name), for_write=True)
    path = os.path.join(folder, VIEW_FILE)
    if os.path.isdir(os.path.join(folder, "_delta_log")) or (os.path.exists(path) and not replaces):
        raise AnalysisException(
            f"There is a table or view {name} already.", errorClass="TABLE_OR_VIEW_ALREADY_EXISTS"
        )
    here = catalog._here()
    _frame_of(session, query, here._replace(views=(folder,)))  # a query that cannot be run is no view
    os.makedirs(folder, exist_ok=True)
    content = {"catalog": here.catalog, "database": here.database, "query": query}
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump(content, file)
    os.replace(path + ".new", path)


def stored_view(session: Any, folder: str, place: Any) -> Any:
    """The rows of the view's query. `place` is where the view was named: in a query, or in another view's."""
    if folder in place.views:
        raise AnalysisException(f"The view in {folder} reads itself.", errorClass="RECURSIVE_VIEW")
    with open(os.path.join(folder, VIEW_FILE), encoding="utf-8") as file:
        content = json.load(file)
    inside = type(place)(content["catalog"], content["database"], (*place.views, folder))
    return _frame_of(session, content["query"], inside)


def _frame_of(session: Any, query: str, place: Any) -> Any:
    from holdfast.sql import statement

    return statement.query(session, query, place=place)
