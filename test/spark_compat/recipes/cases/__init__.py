# SPDX-License-Identifier: Apache-2.0
"""All cases, in the order in which they are written."""

from recipes.cases import base, history, jvm, schemas

ALL = [*base.CASES, *schemas.CASES, *history.CASES, *jvm.CASES]
