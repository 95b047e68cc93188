"""The check of a service against the contract: steps in the order of what they cost, and what was found."""
