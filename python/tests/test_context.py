# SPDX-License-Identifier: Apache-2.0
"""SparkContext, and what is said of names that are lacking."""

import pytest

pytest.importorskip("holdfast._engine", reason="the extension is not built")

from holdfast import SparkConf, SparkContext  # noqa: E402
from holdfast.errors import PySparkNotImplementedError, PySparkValueError  # noqa: E402
from holdfast.sql import SparkSession  # noqa: E402


@pytest.fixture
def no_session():
    def stop():
        if SparkSession.getActiveSession() is not None:
            SparkSession.active().stop()

    stop()
    yield
    stop()


def test_a_context_begins_the_session(no_session):
    with SparkContext("local[2]", "app", conf=SparkConf().set("spark.sql.shuffle.partitions", "3")) as context:
        spark = SparkSession.builder.getOrCreate()
        assert spark.sparkContext is context and SparkContext.getOrCreate() is context
        assert (context.master, context.appName, context.defaultParallelism) == ("local[2]", "app", 3)
        with pytest.raises(PySparkValueError, match="getOrCreate"):
            SparkContext()
    assert SparkSession.getActiveSession() is None


def test_a_context_that_is_there_or_made(no_session):
    context = SparkContext.getOrCreate(SparkConf().setAppName("mine"))
    assert context.appName == "mine" and SparkSession.active().sparkContext is context
    context.setLocalProperty("spark.scheduler.pool", "p")
    context.setJobDescription("d")
    assert context.getLocalProperty("spark.scheduler.pool") is None


@pytest.mark.parametrize(
    "name, ask",
    {
        "SparkContext.broadcast": lambda spark: spark.sparkContext.broadcast({}),
        "SparkContext.textFile": lambda spark: spark.sparkContext.textFile("x"),
        "SparkContext.parallelize": lambda spark: spark.sparkContext.parallelize([1]),
        "spark.readStream.orc": lambda spark: spark.readStream.orc("x"),
        "spark.readStream.xml": lambda spark: spark.readStream.xml("x", "t"),
        "spark.readStream.name": lambda spark: spark.readStream.name("x"),
        "spark.readStream.changes": lambda spark: spark.readStream.changes("x"),
        "DataFrame.writeStream.clusterBy": lambda spark: (
            spark.readStream.format("rate").load().writeStream.clusterBy("value")
        ),
        "SparkSession.udtf": lambda spark: spark.udtf,
        "SparkConf.setExecutorEnv": lambda spark: SparkConf().setExecutorEnv("a", "b"),
        "SparkContext(gateway": lambda spark: SparkContext(gateway=1),
    }.items(),
)
def test_a_lacking_name_is_told(name, ask):
    with pytest.raises(PySparkNotImplementedError) as raised:
        ask(SparkSession.builder.getOrCreate())
    assert str(raised.value).count(name) == 1


def test_a_misspelt_name_is_no_lacking_one():
    spark = SparkSession.builder.getOrCreate()
    for one in (spark, spark.sparkContext, spark.readStream, SparkConf()):
        with pytest.raises(AttributeError, match="has no attribute 'misspelt'"):
            one.misspelt
    assert not hasattr(spark, "misspelt")
