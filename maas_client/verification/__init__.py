"""The check of a service against the contract: steps in the order of what they cost, and what was found."""

from .coverage import FieldCoverage
from .findings import VerificationFinding
from .markdown import to_markdown
from .plan import VerificationPlan
from .price import PricePart, TooExpensive, VerificationPrice
from .report import OperationTime, OutageCount, Remainder, VerificationReport, VerificationStep
from .verification import AsyncVerification, Verification

__all__ = [
    "AsyncVerification",
    "FieldCoverage",
    "OperationTime",
    "OutageCount",
    "PricePart",
    "Remainder",
    "TooExpensive",
    "Verification",
    "VerificationFinding",
    "VerificationPlan",
    "VerificationPrice",
    "VerificationReport",
    "VerificationStep",
    "to_markdown",
]
