"""When somebody last lost the right to write in an application.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("application_participants", sa.Column("wrote_until", sa.DateTime(timezone=True), nullable=True))
    participants = sa.table(
        "application_participants",
        sa.column("role", sa.String()),
        sa.column("confirmed_at", sa.DateTime(timezone=True)),
        sa.column("removed_at", sa.DateTime(timezone=True)),
        sa.column("wrote_until", sa.DateTime(timezone=True)),
    )
    op.execute(
        participants.update()
        .where(participants.c.removed_at.is_not(None), participants.c.confirmed_at.is_not(None))
        .where(participants.c.role.in_(("lead", "writer")))
        .values(wrote_until=participants.c.removed_at)
    )


def downgrade() -> None:
    op.drop_column("application_participants", "wrote_until")
