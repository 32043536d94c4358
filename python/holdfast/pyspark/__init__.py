# SPDX-License-Identifier: Apache-2.0
"""`import holdfast.pyspark` makes `import pyspark` mean Holdfast for the rest of the process.

It has to come before the first import of PySpark; whether PySpark is installed makes no difference. The program
`holdfast SCRIPT.py` does it by itself. Which module of PySpark means what is the table in alias.py.
"""

from holdfast.pyspark.alias import install

install()
