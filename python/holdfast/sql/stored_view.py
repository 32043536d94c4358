# SPDX-License-Identifier: Apache-2.0
"""Views that outlive the process: the text of a query in the folder that a table of the view's name would have."""

import json
import os
from typing import Any

from holdfast.errors import AnalysisException
from holdfast.notebook.paths import to_local
from holdfast.sql.plan import Lazily

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
    session.sql(query).schema  # a query that cannot be run is no view
    os.makedirs(folder, exist_ok=True)
    content = {"catalog": catalog.currentCatalog(), "database": catalog.currentDatabase(), "query": query}
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump(content, file)
    os.replace(path + ".new", path)


def stored_view(session: Any, folder: str) -> Any:
    """The rows of the view's query, which is run whenever somebody asks for them."""
    with open(os.path.join(folder, VIEW_FILE), encoding="utf-8") as file:
        content = json.load(file)

    def read() -> Any:
        catalog = session.catalog
        before = catalog.currentCatalog(), catalog.currentDatabase()
        try:
            catalog.setCurrentDatabase(f"`{content['catalog']}`.`{content['database']}`")
            return session.sql(content["query"])._plan.rows()
        finally:
            catalog.setCurrentDatabase(f"`{before[0]}`.`{before[1]}`")

    return session._frame(Lazily(read, session._zone))
