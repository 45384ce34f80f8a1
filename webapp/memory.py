"""What lives as long as the process is taken out of the garbage collector's rounds."""

from __future__ import annotations

import gc


def settle() -> None:
    """To be called once everything is built: modules, definitions, templates and routes are not looked through again.

    Some hundred thousand objects would be searched in each full round, in the middle of somebody's request. Processes
    that are forked afterwards also go on sharing that memory.
    """
    gc.collect()
    gc.freeze()
