# SPDX-License-Identifier: Apache-2.0
"""Streams: stateful processors, queries, listeners. The names of pyspark.sql.streaming."""

from holdfast.sql.streaming.listener import StreamingQueryListener
from holdfast.sql.streaming.query import StreamingQuery, StreamingQueryManager
from holdfast.sql.streaming.readwriter import DataStreamReader, DataStreamWriter
from holdfast.sql.streaming.stateful_processor import (
    ExpiredTimerInfo,
    ListState,
    MapState,
    StatefulProcessor,
    StatefulProcessorHandle,
    TimerValues,
    ValueState,
)
from holdfast.sql.streaming.tws_tester import TwsTester

__all__ = [
    "DataStreamReader",
    "DataStreamWriter",
    "ExpiredTimerInfo",
    "ListState",
    "MapState",
    "StatefulProcessor",
    "StatefulProcessorHandle",
    "StreamingQuery",
    "StreamingQueryListener",
    "StreamingQueryManager",
    "TimerValues",
    "TwsTester",
    "ValueState",
]
