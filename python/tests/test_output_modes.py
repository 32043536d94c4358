# SPDX-License-Identifier: Apache-2.0
"""The processor's output mode is recorded with its state; the writer's, which is append where nobody says, is the sink's."""

import json

import pytest

pytest.importorskip("holdfast._engine", reason="the extension is not built")
pytest.importorskip("pandas")

from streams import OUTPUT, RowCounter, Stream  # noqa: E402

from holdfast.errors import AnalysisException, StreamingQueryException  # noqa: E402


def start(stream, processor_mode, writer_mode=None):
    groups = stream.spark.readStream.schema("k STRING").json(f"{stream.folder}/in").groupBy("k")
    writer = groups.transformWithState(RowCounter(), OUTPUT, processor_mode, "None").writeStream.format("parquet")
    writer = writer.option("checkpointLocation", f"{stream.folder}/checkpoint").trigger(availableNow=True)
    return (writer if writer_mode is None else writer.outputMode(writer_mode)).start(f"{stream.folder}/out")


@pytest.mark.parametrize("mode", ["Append", "Update"])
def test_a_processor_s_mode_is_recorded(tmp_path, mode):
    stream = Stream(tmp_path)
    stream.write("a", "b", "a")
    start(stream, mode).awaitTermination()
    metadata = stream.spark.read.format("state-metadata").load(f"{tmp_path}/checkpoint").collect()[0]
    assert json.loads(metadata["operatorProperties"])["outputMode"] == mode
    stream.write("a")
    start(stream, mode).awaitTermination()  # goes on
    assert stream.spark.read.schema(OUTPUT).parquet(f"{tmp_path}/out").count() == 3


def test_a_sink_that_only_appends_refuses_update(tmp_path):
    stream = Stream(tmp_path)
    stream.write("a")
    with pytest.raises(AnalysisException, match="Update"):
        start(stream, "Append", "update")


def test_a_processor_s_mode_stays(tmp_path):
    stream = Stream(tmp_path)
    stream.write("a")
    start(stream, "Append").awaitTermination()
    with pytest.raises(StreamingQueryException, match="outputMode"):
        start(stream, "Update").awaitTermination()
