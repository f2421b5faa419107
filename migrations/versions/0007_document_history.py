"""Versions, rescues, quarantine and what a trimmed log must remember.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "doc_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("doc_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("markdown", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["doc_id"], ["documents.id"], name=op.f("fk_doc_versions_doc_id_documents")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_doc_versions_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_doc_versions")),
    )
    op.create_index("ix_doc_versions_doc_id_id", "doc_versions", ["doc_id", "id"])
    op.create_table(
        "doc_rescues",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("doc_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("base_seq", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["doc_id"], ["documents.id"], name=op.f("fk_doc_rescues_doc_id_documents")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_doc_rescues_user_id_users")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["users.id"], name=op.f("fk_doc_rescues_decided_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_doc_rescues")),
    )
    op.create_index("ix_doc_rescues_doc_id_decided_at", "doc_rescues", ["doc_id", "decided_at"])
    op.create_table(
        "doc_quarantines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("doc_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("client_key", sa.String(length=36), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["doc_id"], ["documents.id"], name=op.f("fk_doc_quarantines_doc_id_documents")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_doc_quarantines_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_doc_quarantines")),
    )
    op.create_index("ix_doc_quarantines_doc_id", "doc_quarantines", ["doc_id"])
    op.create_table(
        "doc_numbers",
        sa.Column("doc_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("client_key", sa.String(length=36), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["doc_id"], ["documents.id"], name=op.f("fk_doc_numbers_doc_id_documents")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_doc_numbers_user_id_users")),
        sa.PrimaryKeyConstraint("doc_id", "user_id", "client_key", name=op.f("pk_doc_numbers")),
    )
    with op.batch_alter_table("doc_heads") as heads:
        heads.add_column(sa.Column("locked_by_id", sa.Integer(), nullable=True))
        heads.add_column(sa.Column("frozen_version_id", sa.Integer(), nullable=True))
        heads.create_foreign_key(op.f("fk_doc_heads_locked_by_id_users"), "users", ["locked_by_id"], ["id"])
        heads.create_foreign_key(
            op.f("fk_doc_heads_frozen_version_id_doc_versions"), "doc_versions", ["frozen_version_id"], ["id"]
        )
    op.add_column("doc_states", sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("doc_states", "failed_at")
    with op.batch_alter_table("doc_heads") as heads:
        heads.drop_constraint(op.f("fk_doc_heads_frozen_version_id_doc_versions"), type_="foreignkey")
        heads.drop_constraint(op.f("fk_doc_heads_locked_by_id_users"), type_="foreignkey")
        heads.drop_column("frozen_version_id")
        heads.drop_column("locked_by_id")
    op.drop_table("doc_numbers")
    op.drop_index("ix_doc_quarantines_doc_id", table_name="doc_quarantines")
    op.drop_table("doc_quarantines")
    op.drop_index("ix_doc_rescues_doc_id_decided_at", table_name="doc_rescues")
    op.drop_table("doc_rescues")
    op.drop_index("ix_doc_versions_doc_id_id", table_name="doc_versions")
    op.drop_table("doc_versions")
