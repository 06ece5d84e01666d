"""A pytest fixture for plugins' own tests; pytest finds it wherever GovFlow is installed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from govflow.domain.plugins.declarations import DeclaredPlugin


@pytest.fixture
def install_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, ModuleType], DeclaredPlugin]:
    """Call it with a slug and a module: for this one test the module is installed as a plugin of that name.

    Found by its entry point as any installed plugin is, also by processes the test starts. Answers with what GovFlow
    makes of it; `.problem` says why it could not be used, if so.
    """

    def install(slug: str, module: ModuleType) -> DeclaredPlugin:
        from govflow.plugin_host.loader import load_plugins

        info = tmp_path / "installed" / f"govflow_test_{slug}-0.dist-info"
        info.mkdir(parents=True)
        name = f"Metadata-Version: 2.1\nName: govflow-test-{slug.replace('_', '-')}\nVersion: 0\n"
        (info / "METADATA").write_text(name, "utf-8")
        (info / "entry_points.txt").write_text(f"[govflow]\n{slug} = {module.__name__}\n", "utf-8")
        monkeypatch.syspath_prepend(str(info.parent))
        monkeypatch.setenv("PYTHONPATH", str(info.parent), prepend=":")
        return load_plugins().plugins[slug]

    return install
