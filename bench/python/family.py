# SPDX-License-Identifier: Apache-2.0
"""What a process and all that descend from it cost, as Linux tells it in /proc."""

import os
import pathlib

TICKS = os.sysconf("SC_CLK_TCK")


def family(pid):
    """The process and all that descend from it; without those that end meanwhile."""
    members = [pid]
    for member in members:
        for task in _names(f"/proc/{member}/task"):
            members += map(int, _text(f"/proc/{member}/task/{task}/children").split())
    return members


def peak_kb(pid):
    """The sum of VmHWM; memory that members share counts for each of them."""
    return sum(_high_water_kb(member) for member in family(pid))


def cpu_seconds(pid):
    """User and system time of the members and of the children that they have waited for."""
    ticks = 0
    for member in family(pid):
        fields = _text(f"/proc/{member}/stat").rpartition(")")[2].split()
        ticks += sum(map(int, fields[11:15]))  # utime, stime, cutime, cstime
    return ticks / TICKS


def _high_water_kb(pid):
    for line in _text(f"/proc/{pid}/status").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    return 0


def _names(directory):
    try:
        return os.listdir(directory)
    except OSError:  # the process has ended
        return []


def _text(file):
    try:
        return pathlib.Path(file).read_text()
    except OSError:  # the process has ended
        return ""
