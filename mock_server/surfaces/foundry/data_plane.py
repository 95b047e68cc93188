"""Foundry's data plane as surfaces: one for the bases with `v1`, one for the others."""

from mock_server.core.errors import foundry_dated_body, foundry_v1_body
from mock_server.surfaces.foundry import catalogue, files, inference, job_progress, jobs, responses, uploads, webhooks
from mock_server.surfaces.foundry.bases import DATED, V1, surface

OFFERS = (
    *files.OFFERS,
    *uploads.OFFERS,
    *jobs.OFFERS,
    *job_progress.OFFERS,
    *catalogue.OFFERS,
    *inference.OFFERS,
    *responses.OFFERS,
    *webhooks.OFFERS,
)
V1_SURFACE = surface(OFFERS, V1, foundry_v1_body)
DATED_SURFACE = surface(OFFERS, DATED, foundry_dated_body)
