"""The plugin keeps the promises of the door; its journeys are in tests/practices."""

import govflow_resources

from govflow.plugin.testing import assert_plugin_conforms


def test_it_conforms():
    assert_plugin_conforms(govflow_resources)
