"""Reading rich text: shared documents, Markdown, and how funders count."""
