"""The kinds of errands that there are; `errands.py` tells how to add one."""

from __future__ import annotations

from .appliances.conversion import CONVERT, EXPORT, finish_volumes, undo_volumes, work_convert, work_export
from .creating.tree import TREE, undo_tree, work_tree
from .errands import Errand
from .storage.download import DOWNLOAD, finish_download, undo_download, work_download

ERRANDS: dict[str, Errand] = {
    DOWNLOAD: Errand(work_download, undo_download, finish_download, network=True),
    CONVERT: Errand(work_convert, undo_volumes, finish_volumes),
    TREE: Errand(work_tree, undo_tree, network=True),
    EXPORT: Errand(work_export, undo_volumes, finish_volumes),
}
