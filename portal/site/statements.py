"""The joint statement that the network has published. The words are the publication's and are not translated."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Statement:
    """A joint statement: its words, and where they were published."""

    slug: str
    title: str
    text: str
    article: str
    journal: str


LEICESTER_DECLARATION = Statement(
    slug="leicester-empathy-declaration",
    title="The Leicester Empathy Declaration",
    text=(
        "Recognising that empathy-informed healthcare is essential for the wellbeing of healthcare professionals and "
        "their patients, we declare that all schools of medicine and nursing and all healthcare systems should adopt "
        "policies and procedures to address and implement training in empathy and compassion for self and others."
    ),
    article="The Leicester Empathy Declaration: A model for implementing empathy in healthcare",
    journal="Patient Education and Counseling",
)
