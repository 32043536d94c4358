# SPDX-License-Identifier: Apache-2.0
"""What a process and all that descend from it cost, as Linux tells it in /proc."""

import os
import pathlib

TICKS = os.sysconf("SC_CLK_TCK")


def family(pid):
    """The process and all that descend from it; without those that end meanwhile."""
    members = [pid]
    for member in members:
        for children in pathlib.Path(f"/proc/{member}/task").glob("*/children"):
            try:
                members += map(int, children.read_text().split())
            except OSError:
                continue
    return members


def peak_kb(pid):
    """The sum of VmHWM; memory that members share counts for each of them."""
    return sum(_high_water_kb(member) for member in family(pid))


def cpu_seconds(pid):
    """User and system time of the members and of the children that they have waited for."""
    ticks = 0
    for member in family(pid):
        try:
            fields = pathlib.Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(map(int, fields[11:15]))  # utime, stime, cutime, cstime
    return ticks / TICKS


def _high_water_kb(pid):
    try:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0
