# SPDX-License-Identifier: Apache-2.0
"""`%load_ext holdfast` in IPython and Jupyter: `import pyspark` means Holdfast, and the names of a Databricks notebook
(`spark`, `dbutils`, `display` ...) and the magics `%sql` and `%%sql` are there.
"""

import os
from typing import TYPE_CHECKING, Any, Optional

from holdfast import paths
from holdfast.notebook import session
from holdfast.notebook.dbutils import set_main
from holdfast.notebook.display import Table, table_of
from holdfast.notebook.magics import run_sql

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def load(ipython: "InteractiveShell") -> None:
    """Sets the shell up; a second time it changes nothing that the user made meanwhile but these names."""
    import holdfast.pyspark  # noqa: F401  from here on pyspark is Holdfast

    if paths.root_folder() is None:
        paths.set_root()
    dbutils = set_main(os.path.join(os.getcwd(), "notebook"))
    ipython.push(session.predefined(dbutils))

    def sql(line: str, cell: Optional[str] = None) -> Any:
        """Runs statements of SQL; shows what the last one gives, which is `_sqldf` afterwards."""
        frame = run_sql(session.current(), dbutils.widgets, "\n".join([line, cell or ""]))
        ipython.push({"_sqldf": frame})
        return None if frame is None else shown(frame)

    ipython.register_magic_function(sql, "line_cell", "sql")


def shown(frame: Any) -> Table:
    """The rows of a DataFrame, as IPython shows the value of a cell."""
    table = table_of(frame)
    assert table is not None
    return table
