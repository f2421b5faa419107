"""The pages of joint applications."""

from portal.applications.views import applications, freezing, partners, people, sections, texts  # noqa: F401  # routes register on import
from portal.applications.views.blueprint import bp

__all__ = ["bp"]
