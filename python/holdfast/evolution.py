# SPDX-License-Identifier: Apache-2.0
"""Whether a new version of a processor may go on with a checkpoint, before it is deployed: `holdfast.check(...)`.

    found = holdfast.check("checkpoint", SessionizerV2(), sample=1000)
    print(found)                          # every change of state, what becomes of values that are there
    assert found.is_accepted

The start of a query asks the same. The processor's init is run on a copy, to learn what it declares; nothing is written.
"""

from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence, Tuple, Union

from holdfast import _engine
from holdfast.conf import setting_text
from holdfast.errors import PySparkTypeError, PySparkValueError
from holdfast.paths import to_local
from holdfast.sql.types import StructType, as_type

__all__ = ["EvolutionCheck", "check"]

POLICIES = ("backward", "forward", "forward_transitive", "full", "full_transitive")
_TIME_MODES = {"none": "NoTime", "processingtime": "ProcessingTime", "eventtime": "EventTime"}
_OUTPUT_MODES = {"append": "Append", "update": "Update", "complete": "Complete"}


@dataclass(frozen=True, repr=False)
class EvolutionCheck:
    """What was found. Changes and samples are dicts, with the names of include/holdfast/evolution_check.h."""

    changes: List[Dict[str, Any]]  # of the state, each with verdict, path, sentence, and what Spark would do
    hazards: List[str]  # what no change says
    samples: List[Dict[str, Any]]  # what the new version makes of entries that are there, where that was asked
    refusal: Optional[Tuple[str, str, str]]  # kind, condition and sentence with which a start would end

    @property
    def is_accepted(self) -> bool:
        """Whether a query with this processor would start, and could read what was sampled."""
        return self.refusal is None

    def __repr__(self) -> str:
        """As the command `holdfast check` prints it."""
        lines: List[str] = []
        for change in self.changes:
            lines.extend(_lines_of(change))
        lines.extend(f"hazard      {hazard}" for hazard in self.hazards)
        for sample in self.samples:
            lines.extend(_lines_of_sample(sample))
        return "\n".join(lines)


def check(
    checkpoint: str,
    processor: Any,
    key: Union[StructType, str, None] = None,
    time_mode: Optional[str] = None,
    output_mode: Optional[str] = None,
    conf: Optional[Dict[str, Any]] = None,
    accept: Sequence[str] = (),
    policy: str = "backward",
    sample: Optional[int] = None,
    operator: Optional[int] = None,
) -> EvolutionCheck:
    """Compares what the processor declares with the checkpoint's state.

    What is not said is taken as the checkpoint has it: `key`, the grouping columns, and both modes. `conf` is of the new
    version's query, `accept` are paths whose loss is meant (as holdfast.evolution.accept has them). With `sample` so many
    entries of each variable are read as the new version would read them; 0: all. `operator` is wanted where the
    checkpoint has several. Raises what the processor's init raises, and what makes the checkpoint unreadable.
    """
    from holdfast.sql.streaming.copies import copier
    from holdfast.sql.streaming.runner import Runner

    if policy not in POLICIES:
        raise PySparkValueError(f"policy is one of {', '.join(POLICIES)}, but got {policy!r}.")
    if sample is not None and (not isinstance(sample, int) or isinstance(sample, bool) or sample < 0):
        raise PySparkValueError(f"sample is a number of entries, 0 for all of them, but got {sample!r}.")
    copy = copier(processor)
    found = _engine.check_evolution(
        to_local(checkpoint),
        lambda: Runner(copy(), None, tuple),
        None if key is None else _schema(key).json(),
        _word("time_mode", time_mode, _TIME_MODES),
        _word("output_mode", output_mode, _OUTPUT_MODES),
        {name: setting_text(value) for name, value in (conf or {}).items()},
        [accept] if isinstance(accept, str) else list(accept),
        policy,
        sample,
        operator,
    )
    return EvolutionCheck(**found)


def _schema(key: Union[StructType, str]) -> StructType:
    made = as_type(key)
    if not isinstance(made, StructType):
        raise PySparkTypeError(f"key is a StructType or a DDL text with the grouping columns, but got {key!r}.")
    return made


def _word(argument: str, given: Optional[str], words: Dict[str, str]) -> Optional[str]:
    if given is None:
        return None
    if not isinstance(given, str) or given.lower() not in words:
        raise PySparkValueError(f"{argument} is one of {', '.join(words)}, in any case, but got {given!r}.")
    return words[given.lower()]


# ---- As text. cli/check_command.cc prints the same of compiled processors. ------------------------------------------------


def _lines_of(change: Dict[str, Any]) -> List[str]:
    refused = f"  REFUSED: {change['condition']}" if change["refused"] else ""
    back = "  (on the way back)" if change["direction"] == "forward" else ""
    then = f", then {change['spark_then']}" if change["spark_then"] else ""
    return [
        f"{change['verdict']:<11} {change['path'] or 'the operator'}{refused}{back}",
        f"            {change['sentence']}",
        f"            Spark: {change['spark_condition'] or 'accepts'}{then}",
    ]


def _lines_of_sample(sample: Dict[str, Any]) -> List[str]:
    which = ", which are all" if sample["is_all"] else ""
    left_out = sample["is_left_out"]
    read = ", which nothing will read" if left_out else f" read, {sample['failed']} of them failed"
    lines = [f"sample      {sample['variable']}: {sample['entries']} entries{which}{read}"]
    lines.extend(f"            cannot be read: {failure}" for failure in sample["failures"])
    rows = len(sample["examples"])
    if not left_out and rows > 0:
        lines.append(sample["examples"].show(rows, 0).rstrip("\n"))
        lines.append(f"{rows} rows")
    return lines
