"""Project files: import all or nothing, and export what imports to the same facts."""

from govflow.services.project_file.exporting import export_project
from govflow.services.project_file.importing import import_project
from govflow.services.project_file.reading import MOST_BYTES, Plan, moved, parse, read

__all__ = ["MOST_BYTES", "Plan", "export_project", "import_project", "moved", "parse", "read"]
