# SPDX-License-Identifier: Apache-2.0
"""What the StreamShop sessionizers must answer, from the raw JSON files alone: a plain recomputation in Python that
shares no code with the product. The checkpoint is asked only which file belongs to which batch."""
import json
import pathlib
import urllib.parse

TERMINAL = ("purchase", "logout")


def files_by_batch(checkpoint):
    """{batch: [file, ...] in the order of the source}. An entry of the source's log has an id of its own; the offset of
    a batch says up to which one it goes."""
    entries = {}
    for log in (checkpoint / "sources/0").iterdir():
        if log.name.startswith(".") or log.suffix == ".crc":
            continue
        for line in log.read_text().splitlines()[1:]:
            entry = json.loads(line)
            entries.setdefault(entry["batchId"], {})[entry["path"]] = entry["timestamp"]
    batches, done = {}, -1
    for batch in sorted(int(name.name) for name in (checkpoint / "offsets").iterdir() if name.name.isdigit()):
        end = json.loads((checkpoint / f"offsets/{batch}").read_text().splitlines()[2])["logOffset"]
        files = []
        for entry in range(done + 1, end + 1):
            files += sorted(entries[entry].items(), key=lambda item: (item[1], item[0]))
        batches[batch] = [pathlib.Path(urllib.parse.unquote(urllib.parse.urlparse(path).path)) for path, _ in files]
        done = end
    return batches


class Sessions:
    """The open sessions, and the ended ones as rows of the two tables."""

    def __init__(self):
        self.open = {}
        self.tables = {"v1_sessions": [], "v2_sessions": []}
        self.is_v2 = False

    def run(self, file):
        self.is_v2 = self.is_v2 or file.name.startswith("v2-")
        for line in file.read_text().splitlines():
            self._click(json.loads(line))

    def _click(self, click):
        session = self.open.get(click["session_id"])
        device = click.get("device_type") or "unknown"
        category = click.get("page_category") or "unknown"
        if session is None:
            session = {"session_id": click["session_id"], "user_id": click["user_id"], "event_count": 0,
                       "total_revenue": 0.0, "session_start": click["event_timestamp"], "device_type": None,
                       "page_category": None, "evolved": False}
            if self.is_v2:
                session.update(device_type=device, page_category=category)
            self.open[click["session_id"]] = session
        elif self.is_v2 and session["device_type"] is None:
            session.update(device_type=device, page_category=category, evolved=True)
        session["event_count"] += 1
        session["total_revenue"] += click["revenue"]
        if click["event_type"] in TERMINAL:
            del self.open[click["session_id"]]
            row = self._fields(session)
            if self.is_v2:
                row.update(evolved_from_v1=session["evolved"], schema_version="v2")
            self.tables["v2_sessions" if self.is_v2 else "v1_sessions"].append(row)

    def _fields(self, session):
        names = ["session_id", "user_id", "event_count", "total_revenue", "session_start"]
        names += ["device_type", "page_category"] if self.is_v2 else []
        return {name: session[name] for name in names}

    def state(self):
        """{session_id: value of session_state}, in the schema of the version that ran last."""
        return {key: self._fields(session) for key, session in self.open.items()}

    def evolved(self):
        """The sessions of the state variable `evolved`."""
        return {key for key, session in self.open.items() if session["evolved"]}
