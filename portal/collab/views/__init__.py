"""Documents by HTTP."""

from portal.collab.views import state  # noqa: F401  # routes register on import
from portal.collab.views.blueprint import bp

__all__ = ["bp"]
