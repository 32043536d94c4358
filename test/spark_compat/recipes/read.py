# SPDX-License-Identifier: Apache-2.0
"""Reads any checkpoint with Spark's readers, in the form of expected.json:

    python3 -m recipes.read --spark 4.3.0 --checkpoint DIR --out FILE events:list pages:map total:value [--timers]
"""

import argparse
import pathlib
import sys

from recipes.environment import enter_spark


def main():
    parser = argparse.ArgumentParser(prog="recipes.read", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spark", default="4.3.0", metavar="VERSION")
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--checkpoint-format", choices=("1", "2"), default="1")
    parser.add_argument("--timers", action="store_true", help="the query has a time mode")
    parser.add_argument("variables", nargs="+", metavar="NAME:KIND")
    asked = parser.parse_args()
    enter_spark(asked.spark, ["-m", "recipes.read", *sys.argv[1:]])

    from recipes.case import CHECKPOINT_FORMAT
    from recipes.dump import read, state_reads, write_packed
    from recipes.session import configured, start

    session = start()
    kinds = dict(variable.split(":") for variable in asked.variables)
    reads = [("state-metadata", {})]
    reads += [("statestore", options) for options in state_reads(kinds, asked.timers, asked.checkpoint)]
    with configured(session, {CHECKPOINT_FORMAT: asked.checkpoint_format}):
        write_packed(asked.out, [read(session, source, options, asked.checkpoint) for source, options in reads])
    session.stop()


if __name__ == "__main__":
    main()
