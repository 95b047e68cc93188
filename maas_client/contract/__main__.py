"""Print the table as JSON Schema: `python -m maas_client.contract > docs/contract.schema.json`."""

import sys

from .json_schema import text

sys.stdout.write(text())
