"""Documents by HTTP."""

from portal.collab.views import rescues, state, versions  # noqa: F401  # routes register on import
from portal.collab.views.blueprint import bp

__all__ = ["bp"]
