"""What the promises' tests start from: the same as the operations'."""

from __future__ import annotations

from tests.operations.conftest import rows as rows, tuned as tuned
