"""Clusters on the page: nodes, price, and what keeps nodes away."""

from playwright.sync_api import expect

from tests.mock_server.driver import Azure
from tests.ui.page_object import PageObject


def test_a_clusters_nodes_and_price_are_shown(ui: PageObject, azure: Azure) -> None:
    azure.server.set_quota({"gpu": 48})
    azure.cluster(vmPriority="LowPriority")
    view = ui.open_view("Compute")
    card = view.get_by_label("Cluster gpu")
    expect(card).to_contain_text("Standard_NC24ads_A100_v4, low priority · in ws · 0.00 USD an hour now")
    azure.job(computeId="gpu")
    azure.server.advance(15)
    expect(card).to_contain_text("Nodes: 1 running (0 to 1)")
    expect(card).to_contain_text("0.74 USD an hour now")


def test_why_a_cluster_has_no_nodes_is_shown(ui: PageObject, azure: Azure) -> None:
    azure.server.set_quota({"gpu": 48})
    azure.server.fault(compute="no_capacity", reason="sold out")
    azure.cluster()
    azure.job(computeId="gpu")
    azure.server.advance(15)
    card = ui.open_view("Compute").get_by_label("Cluster gpu")
    expect(card).to_contain_text("AllocationFailed: sold out")
