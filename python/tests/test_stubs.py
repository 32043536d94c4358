# SPDX-License-Identifier: Apache-2.0
"""_engine.pyi says what the extension has, and no more."""

import ast
import inspect
import pathlib

import pytest

engine = pytest.importorskip("holdfast._engine", reason="the extension is not built")

import holdfast  # noqa: E402

PACKAGE = pathlib.Path(holdfast.__file__).parent
STUBS = ast.parse((PACKAGE / "_engine.pyi").read_text())
CLASSES = {one.name: one for one in STUBS.body if isinstance(one, ast.ClassDef)}
FUNCTIONS = {one.name: one for one in STUBS.body if isinstance(one, ast.FunctionDef)}


def members(node):
    """Name to definition of a class in the stubs."""
    found = {}
    for one in node.body:
        if isinstance(one, ast.FunctionDef):
            found[one.name] = one
        elif isinstance(one, ast.AnnAssign):
            found[one.target.id] = one
    return found


def arguments_of(function):
    """The names of the arguments as nanobind tells them; None where it has none to tell."""
    text = function.__doc__.split("\n")[0] if function.__doc__ else ""
    inner = text[text.index("(") + 1 : text.rindex(") ->")] if ") ->" in text else None
    if inner is None:
        return None
    depth, parts = 0, [""]
    for letter in inner:
        depth += (letter in "[(") - (letter in ")]")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.split(":")[0].split("=")[0].strip() for part in parts if part.strip() not in ("", "/", "self")]


def stub_arguments(node):
    every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return [one.arg for one in every if one.arg != "self"]


def test_every_name_of_the_extension_is_in_the_stubs_and_the_other_way_round():
    public = {name for name in vars(engine) if not name.startswith("_")}
    assert public == set(CLASSES) | set(FUNCTIONS)


@pytest.mark.parametrize("name", CLASSES)
def test_every_member_of_a_class_is_in_the_stubs_and_the_other_way_round(name):
    made = getattr(engine, name)
    there = {member for member in vars(made) if not member.startswith("_")}
    stubs = members(CLASSES[name])
    assert there == {member for member in stubs if not member.startswith("_")}
    for member in stubs:
        assert hasattr(made, member), member


def functions():
    for name, node in FUNCTIONS.items():
        yield name, getattr(engine, name, None), node
    for class_name, node in CLASSES.items():
        for name, member in members(node).items():
            is_property = any(getattr(one, "id", "") == "property" for one in getattr(member, "decorator_list", ()))
            if isinstance(member, ast.FunctionDef) and not is_property:
                yield f"{class_name}.{name}", getattr(getattr(engine, class_name, None), name, None), member


FOUND = list(functions())


@pytest.mark.parametrize("name, function, node", FOUND, ids=[name for name, *_ in FOUND])
def test_arguments_have_the_names_of_the_stubs(name, function, node):
    assert function is not None
    told = arguments_of(function)
    if told is None or told and told[0].startswith("arg"):
        assert name in ("Rows.show", "RowIterator.__iter__", "RowIterator.__next__"), inspect.getdoc(function)
        return
    assert told == stub_arguments(node)


def test_the_package_says_that_it_is_typed():
    assert (PACKAGE / "py.typed").exists()
