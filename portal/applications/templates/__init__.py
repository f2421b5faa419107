"""Funders' forms as versioned data: `templates_data/<id>.<version>.toml`, checked when first read, then kept.

The figures come from the sources that each file names; an officer checks a template against the live call
before an application relies on it, and the file says whether that happened.
"""

from portal.applications.templates.files import FOLDER, all_templates, newest, pinned, read
from portal.applications.templates.model import Requirement, SectionRule, Source, Template
from portal.applications.templates.reader import (
    COUNT_RULES,
    DEADLINE_KINDS,
    FACTS,
    LIMIT_UNITS,
    TABLES,
    TEXT_RULES,
    TemplateError,
)

__all__ = [
    "COUNT_RULES",
    "DEADLINE_KINDS",
    "FACTS",
    "FOLDER",
    "LIMIT_UNITS",
    "TABLES",
    "TEXT_RULES",
    "Requirement",
    "SectionRule",
    "Source",
    "Template",
    "TemplateError",
    "all_templates",
    "newest",
    "pinned",
    "read",
]
