# SPDX-License-Identifier: Apache-2.0
"""dbutils.widgets: the parameters of a notebook, with values from `--widget NAME=VALUE` or else their defaults."""

from typing import Dict, List, Optional, Sequence, Set

__all__ = ["Widgets"]


class Widgets:
    """The widgets of one notebook. A value that was given can be asked for even where no widget was made for it."""

    def __init__(self, given: Dict[str, str]) -> None:
        self._given = dict(given)
        self._defaults: Dict[str, str] = {}
        self._asked: Set[str] = set()

    def text(self, name: str, defaultValue: str, label: Optional[str] = None) -> None:
        """Makes a widget that holds any text."""
        self._make(name, defaultValue)

    def dropdown(self, name: str, defaultValue: str, choices: Sequence[str], label: Optional[str] = None) -> None:
        """Makes a widget whose default is one of the choices."""
        self._make(name, defaultValue, choices)

    def combobox(self, name: str, defaultValue: str, choices: Sequence[str], label: Optional[str] = None) -> None:
        """Makes a widget that suggests choices and holds any text."""
        self._make(name, defaultValue)

    def multiselect(self, name: str, defaultValue: str, choices: Sequence[str], label: Optional[str] = None) -> None:
        """Makes a widget that holds some of the choices, joined by commas; the default is one of them."""
        self._make(name, defaultValue, choices)

    def get(self, name: str) -> str:
        """The value that was given, else the widget's default."""
        self._asked.add(name)
        if name in self._given:
            return self._given[name]
        if name not in self._defaults:
            raise ValueError(
                f"No input widget named {name} is defined: make it with dbutils.widgets.text({name!r}, ...), "
                f"or give a value with --widget {name}=VALUE"
            )
        return self._defaults[name]

    def getArgument(self, name: str, defaultValue: Optional[str] = None) -> str:
        """The same as get, with a value for a widget that nobody made."""
        if defaultValue is not None and name not in self._given and name not in self._defaults:
            return defaultValue
        return self.get(name)

    def getAll(self) -> Dict[str, str]:
        """Every widget that was made or given, with its value."""
        return {name: self.get(name) for name in {**self._defaults, **self._given}}

    def remove(self, name: str) -> None:
        """Removes a widget; a value that was given stays, for when it is made again."""
        if name not in self._defaults:
            raise ValueError(f"No input widget named {name} is defined")
        del self._defaults[name]

    def removeAll(self) -> None:
        """Removes every widget that was made."""
        self._defaults.clear()

    def give(self, values: Dict[str, str]) -> None:
        """Values from outside, as `%run ./other $name="value"` has them."""
        self._given.update(values)

    def never_asked(self) -> List[str]:
        """The names that values were given for and nobody asked for: most likely they are misspelled."""
        return [name for name in self._given if name not in self._asked]

    def _make(self, name: str, default: str, choices: Optional[Sequence[str]] = None) -> None:
        for what, value in (("name", name), ("default value", default)):
            if not isinstance(value, str):
                raise TypeError(f"the {what} of the widget {name!r} must be a text, not {value!r}")
        if choices is not None and default not in choices:
            raise ValueError(f"the default {default!r} of the widget {name!r} is none of its choices {list(choices)}")
        self._defaults[name] = default
        self._asked.add(name)
