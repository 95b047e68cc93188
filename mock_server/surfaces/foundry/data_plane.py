"""Foundry's data plane as surfaces: one for the bases with `v1`, one for the others."""

from mock_server.core.errors import foundry_dated_body, foundry_v1_body
from mock_server.surfaces.foundry import files, inference, job_progress, jobs, responses, webhooks
from mock_server.surfaces.foundry.bases import surface

OFFERS = (
    *files.OFFERS,
    *jobs.OFFERS,
    *job_progress.OFFERS,
    *inference.OFFERS,
    *responses.OFFERS,
    *webhooks.OFFERS,
)
V1_SURFACE = surface(OFFERS, "AB", foundry_v1_body)
DATED_SURFACE = surface(OFFERS, "CD", foundry_dated_body)
