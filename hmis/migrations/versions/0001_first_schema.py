"""The first schema."""

import sqlalchemy as sa
from alembic import op

import hmis.core.columns

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "audit_events",
        sa.Column("id", hmis.core.columns.Key(), nullable=False),
        sa.Column("occurred_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("actor_id", hmis.core.columns.Key(), nullable=True),
        sa.Column("actor_number", sa.String(length=16), nullable=False),
        sa.Column("actor_role", sa.String(length=16), nullable=False),
        sa.Column("session_id", hmis.core.columns.Key(), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("patient_id", hmis.core.columns.Key(), nullable=True),
        sa.Column("record_type", sa.String(length=200), nullable=False),
        sa.Column("record_id", hmis.core.columns.Key(), nullable=True),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("hashes", sa.JSON(), nullable=False),
        sa.Column("key_name", sa.String(length=64), nullable=False),
        sa.Column("mac", sa.BINARY(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_events")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_audit_events_act", "audit_events", ["act", "id"], unique=False)
    op.create_index("ix_audit_events_actor", "audit_events", ["actor_id", "id"], unique=False)
    op.create_index("ix_audit_events_patient", "audit_events", ["patient_id", "id"], unique=False)
    op.create_index("ix_audit_events_record", "audit_events", ["record_id", "id"], unique=False)
    op.create_table(
        "audit_seal_entries",
        sa.Column("event_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("seal_number", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_audit_seal_entries")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_audit_seal_entries_seal", "audit_seal_entries", ["seal_number", "position"], unique=False)
    op.create_table(
        "audit_seals",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("last_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("root", sa.BINARY(length=32), nullable=False),
        sa.Column("previous", sa.BINARY(length=32), nullable=False),
        sa.Column("head", sa.BINARY(length=32), nullable=False),
        sa.Column("key_name", sa.String(length=64), nullable=False),
        sa.Column("mac", sa.BINARY(length=32), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_seals")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "diagnosis_codes",
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("leaf", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_diagnosis_codes")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "failed_sign_ins",
        sa.Column("id", hmis.core.columns.Key(), nullable=False),
        sa.Column("login_hash", sa.BINARY(length=32), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("failed_at", hmis.core.columns.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failed_sign_ins")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_failed_sign_ins_address", "failed_sign_ins", ["address", "failed_at"], unique=False)
    op.create_index("ix_failed_sign_ins_login", "failed_sign_ins", ["login_hash", "failed_at"], unique=False)
    op.create_table(
        "number_series",
        sa.Column("prefix", sa.String(length=4), nullable=False),
        sa.Column("next", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("prefix", name=op.f("pk_number_series")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "record_versions",
        sa.Column("id", hmis.core.columns.Key(), nullable=False),
        sa.Column("record_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("row_type", sa.String(length=64), nullable=False),
        sa.Column("row_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("replaced_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("replaced_by_id", hmis.core.columns.Key(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_versions")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_record_versions_record", "record_versions", ["record_id", "id"], unique=False)
    op.create_table(
        "staff",
        sa.Column("id", hmis.core.columns.Key(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("staff_number", sa.String(length=16), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=True),
        sa.Column("setup_token_hash", sa.BINARY(length=32), nullable=True),
        sa.Column("setup_expires_at", hmis.core.columns.Instant(), nullable=True),
        sa.Column("licence_number", sa.String(length=64), nullable=True),
        sa.Column("deactivated_at", hmis.core.columns.Instant(), nullable=True),
        sa.Column("deactivation_reason", sa.String(length=500), nullable=True),
        sa.Column("formerly_id", hmis.core.columns.Key(), nullable=True),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("batch_id", hmis.core.columns.Key(), nullable=True),
        sa.Column("source", sa.String(length=255), nullable=True),
        sa.Column("given_name", sa.String(length=120), nullable=False),
        sa.Column("family_name", sa.String(length=120), nullable=False),
        sa.Column("other_names", sa.String(length=240), nullable=True),
        sa.Column("sex", sa.String(length=8), nullable=False),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("address", sa.String(length=500), nullable=True),
        sa.Column("state", sa.String(length=80), nullable=True),
        sa.Column("lga", sa.String(length=80), nullable=True),
        sa.Column("marital_status", sa.String(length=40), nullable=True),
        sa.Column("created_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("updated_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["formerly_id"], ["staff.id"], name=op.f("fk_staff_formerly_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_email")),
        sa.UniqueConstraint("setup_token_hash", name=op.f("uq_staff_setup_token_hash")),
        sa.UniqueConstraint("staff_number", name=op.f("uq_staff_staff_number")),
        sa.UniqueConstraint("username", name=op.f("uq_staff_username")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_staff_listed", "staff", ["role", "family_name", "given_name", "id"], unique=False)
    op.create_table(
        "staff_numbers",
        sa.Column("prefix", sa.String(length=3), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("prefix", name=op.f("pk_staff_numbers")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "stored_answers",
        sa.Column("place", sa.BINARY(length=32), nullable=False),
        sa.Column("body_hash", sa.BINARY(length=32), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", hmis.core.columns.LongBytes, nullable=False),
        sa.Column("location", sa.String(length=500), nullable=True),
        sa.Column("etag", sa.String(length=32), nullable=True),
        sa.Column("stored_at", hmis.core.columns.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_stored_answers")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index(op.f("ix_stored_answers_stored_at"), "stored_answers", ["stored_at"], unique=False)
    op.create_table(
        "ticket_rolls",
        sa.Column("clinic", sa.String(length=80), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("clinic", "held_on", name=op.f("pk_ticket_rolls")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "diagnosis_words",
        sa.Column("word", sa.String(length=60), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["code"], ["diagnosis_codes.code"], name=op.f("fk_diagnosis_words_code")),
        sa.PrimaryKeyConstraint("word", "code", name=op.f("pk_diagnosis_words")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "drafts",
        sa.Column("staff_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("body", hmis.core.columns.LongText, nullable=False),
        sa.Column("patient_id", hmis.core.columns.Key(), nullable=True),
        sa.Column("updated_at", hmis.core.columns.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_drafts_staff_id")),
        sa.PrimaryKeyConstraint("staff_id", "key", name=op.f("pk_drafts")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index(op.f("ix_drafts_updated_at"), "drafts", ["updated_at"], unique=False)
    op.create_table(
        "import_batches",
        sa.Column("id", hmis.core.columns.Key(), nullable=False),
        sa.Column("source", sa.String(length=255), nullable=False),
        sa.Column("started_by_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("finished_at", hmis.core.columns.Instant(), nullable=True),
        sa.Column("undone_at", hmis.core.columns.Instant(), nullable=True),
        sa.Column("created_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("updated_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["started_by_id"], ["staff.id"], name=op.f("fk_import_batches_started_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batches")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_table(
        "sign_ins",
        sa.Column("id", hmis.core.columns.Key(), nullable=False),
        sa.Column("token_hash", sa.BINARY(length=32), nullable=False),
        sa.Column("staff_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("started_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("seen_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("ended_at", hmis.core.columns.Instant(), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("user_agent", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_sign_ins_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ins")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_ins_token_hash")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_sign_ins_staff", "sign_ins", ["staff_id", "started_at"], unique=False)
    op.create_table(
        "drugs",
        sa.Column("id", hmis.core.columns.Key(), nullable=False),
        sa.Column("generic_name", sa.String(length=240), nullable=False),
        sa.Column("brand_name", sa.String(length=160), nullable=True),
        sa.Column("strength", sa.String(length=80), nullable=True),
        sa.Column("form", sa.String(length=60), nullable=True),
        sa.Column("route", sa.String(length=60), nullable=True),
        sa.Column("pack_size", sa.Integer(), nullable=True),
        sa.Column("name_folded", sa.String(length=420), nullable=False),
        sa.Column("sameness", sa.BINARY(length=32), nullable=True),
        sa.Column("retired_at", hmis.core.columns.Instant(), nullable=True),
        sa.Column("retire_reason", sa.String(length=500), nullable=True),
        sa.Column("code", sa.String(length=64), nullable=True),
        sa.Column("code_system", sa.String(length=160), nullable=True),
        sa.Column("batch_id", hmis.core.columns.Key(), nullable=True),
        sa.Column("source", sa.String(length=255), nullable=True),
        sa.Column("created_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("updated_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batches.id"], name=op.f("fk_drugs_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drugs")),
        sa.UniqueConstraint("sameness", name=op.f("uq_drugs_sameness")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_drugs_name", "drugs", ["name_folded", "id"], unique=False)
    op.create_table(
        "import_items",
        sa.Column("key", sa.BINARY(length=32), nullable=False),
        sa.Column("resource_type", sa.String(length=64), nullable=False),
        sa.Column("source_id", sa.String(length=255), nullable=False),
        sa.Column("content", sa.BINARY(length=32), nullable=False),
        sa.Column("record_type", sa.String(length=64), nullable=False),
        sa.Column("record_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("batch_id", hmis.core.columns.Key(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batches.id"], name=op.f("fk_import_items_batch_id")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_import_items")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_import_items_batch", "import_items", ["batch_id", "record_id"], unique=False)
    op.create_table(
        "patients",
        sa.Column("id", hmis.core.columns.Key(), nullable=False),
        sa.Column("hospital_number", sa.String(length=9), nullable=False),
        sa.Column("born_precision", sa.String(length=12), nullable=True),
        sa.Column("occupation", sa.String(length=120), nullable=True),
        sa.Column("religion", sa.String(length=80), nullable=True),
        sa.Column("tribe", sa.String(length=80), nullable=True),
        sa.Column("language", sa.String(length=40), nullable=True),
        sa.Column("next_of_kin_name", sa.String(length=240), nullable=True),
        sa.Column("next_of_kin_relation", sa.String(length=80), nullable=True),
        sa.Column("next_of_kin_phone", sa.String(length=20), nullable=True),
        sa.Column("next_of_kin_address", sa.String(length=500), nullable=True),
        sa.Column("unknown_identity", sa.Boolean(), nullable=False),
        sa.Column("emergency", sa.Boolean(), nullable=False),
        sa.Column("deceased_at", hmis.core.columns.Instant(), nullable=True),
        sa.Column("photo", hmis.core.columns.LongText, nullable=True),
        sa.Column("family_folded", sa.String(length=160), nullable=False),
        sa.Column("given_folded", sa.String(length=160), nullable=False),
        sa.Column("phone_reversed", sa.String(length=20), nullable=True),
        sa.Column("set_aside_at", hmis.core.columns.Instant(), nullable=True),
        sa.Column("registered_by_id", hmis.core.columns.Key(), nullable=True),
        sa.Column("batch_id", hmis.core.columns.Key(), nullable=True),
        sa.Column("source", sa.String(length=255), nullable=True),
        sa.Column("given_name", sa.String(length=120), nullable=False),
        sa.Column("family_name", sa.String(length=120), nullable=False),
        sa.Column("other_names", sa.String(length=240), nullable=True),
        sa.Column("sex", sa.String(length=8), nullable=False),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("address", sa.String(length=500), nullable=True),
        sa.Column("state", sa.String(length=80), nullable=True),
        sa.Column("lga", sa.String(length=80), nullable=True),
        sa.Column("marital_status", sa.String(length=40), nullable=True),
        sa.Column("created_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("updated_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batches.id"], name=op.f("fk_patients_batch_id")),
        sa.ForeignKeyConstraint(["registered_by_id"], ["staff.id"], name=op.f("fk_patients_registered_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patients")),
        sa.UniqueConstraint("hospital_number", name=op.f("uq_patients_hospital_number")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index(op.f("ix_patients_batch_id"), "patients", ["batch_id"], unique=False)
    op.create_index("ix_patients_born_on", "patients", ["born_on", "id"], unique=False)
    op.create_index("ix_patients_name", "patients", ["family_folded", "given_folded", "id"], unique=False)
    op.create_index("ix_patients_phone", "patients", ["phone_reversed"], unique=False)
    op.create_table(
        "addenda",
        sa.Column("id", hmis.core.columns.Key(), nullable=False),
        sa.Column("patient_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("author_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("record_type", sa.String(length=64), nullable=False),
        sa.Column("record_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("text", hmis.core.columns.LongText, nullable=False),
        sa.Column("created_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("updated_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("voided_at", hmis.core.columns.Instant(), nullable=True),
        sa.Column("voided_by_id", hmis.core.columns.Key(), nullable=True),
        sa.Column("void_reason", sa.String(length=500), nullable=True),
        sa.Column("batch_id", hmis.core.columns.Key(), nullable=True),
        sa.Column("source", sa.String(length=255), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["staff.id"], name=op.f("fk_addenda_author_id")),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batches.id"], name=op.f("fk_addenda_batch_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_addenda_patient_id")),
        sa.ForeignKeyConstraint(["voided_by_id"], ["staff.id"], name=op.f("fk_addenda_voided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addenda")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index(op.f("ix_addenda_author_id"), "addenda", ["author_id"], unique=False)
    op.create_index(op.f("ix_addenda_batch_id"), "addenda", ["batch_id"], unique=False)
    op.create_index("ix_addenda_record", "addenda", ["record_id", "kind"], unique=False)
    op.create_table(
        "assertions",
        sa.Column("id", hmis.core.columns.Key(), nullable=False),
        sa.Column("patient_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("author_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("created_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("updated_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("voided_at", hmis.core.columns.Instant(), nullable=True),
        sa.Column("voided_by_id", hmis.core.columns.Key(), nullable=True),
        sa.Column("void_reason", sa.String(length=500), nullable=True),
        sa.Column("batch_id", hmis.core.columns.Key(), nullable=True),
        sa.Column("source", sa.String(length=255), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["staff.id"], name=op.f("fk_assertions_author_id")),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batches.id"], name=op.f("fk_assertions_batch_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_assertions_patient_id")),
        sa.ForeignKeyConstraint(["voided_by_id"], ["staff.id"], name=op.f("fk_assertions_voided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assertions")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index(op.f("ix_assertions_author_id"), "assertions", ["author_id"], unique=False)
    op.create_index(op.f("ix_assertions_batch_id"), "assertions", ["batch_id"], unique=False)
    op.create_index("ix_assertions_patient", "assertions", ["patient_id", "kind", "id"], unique=False)
    op.create_table(
        "drug_words",
        sa.Column("word", sa.String(length=60), nullable=False),
        sa.Column("drug_id", hmis.core.columns.Key(), nullable=False),
        sa.ForeignKeyConstraint(["drug_id"], ["drugs.id"], name=op.f("fk_drug_words_drug_id")),
        sa.PrimaryKeyConstraint("word", "drug_id", name=op.f("pk_drug_words")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_drug_words_drug", "drug_words", ["drug_id", "word"], unique=False)
    op.create_table(
        "identifiers",
        sa.Column("id", hmis.core.columns.Key(), nullable=False),
        sa.Column("patient_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("system", sa.String(length=160), nullable=False),
        sa.Column("value", sa.String(length=120), nullable=False),
        sa.Column("removed_at", hmis.core.columns.Instant(), nullable=True),
        sa.Column("created_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("updated_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_identifiers_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identifiers")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_identifiers_patient", "identifiers", ["patient_id"], unique=False)
    op.create_index("ix_identifiers_value", "identifiers", ["value"], unique=False)
    op.create_table(
        "import_leftovers",
        sa.Column("id", hmis.core.columns.Key(), nullable=False),
        sa.Column("key", sa.BINARY(length=32), nullable=False),
        sa.Column("batch_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("patient_id", hmis.core.columns.Key(), nullable=True),
        sa.Column("file", sa.String(length=500), nullable=False),
        sa.Column("resource_type", sa.String(length=64), nullable=False),
        sa.Column("source_id", sa.String(length=255), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("payload", hmis.core.columns.LongText, nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batches.id"], name=op.f("fk_import_leftovers_batch_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_import_leftovers_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_leftovers")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_import_leftovers_batch", "import_leftovers", ["batch_id", "resource_type"], unique=False)
    op.create_index("ix_import_leftovers_key", "import_leftovers", ["key"], unique=False)
    op.create_index("ix_import_leftovers_patient", "import_leftovers", ["patient_id", "resource_type"], unique=False)
    op.create_table(
        "nurse_notes",
        sa.Column("id", hmis.core.columns.Key(), nullable=False),
        sa.Column("patient_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("author_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("text", hmis.core.columns.LongText, nullable=False),
        sa.Column("created_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("updated_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("voided_at", hmis.core.columns.Instant(), nullable=True),
        sa.Column("voided_by_id", hmis.core.columns.Key(), nullable=True),
        sa.Column("void_reason", sa.String(length=500), nullable=True),
        sa.Column("batch_id", hmis.core.columns.Key(), nullable=True),
        sa.Column("source", sa.String(length=255), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["staff.id"], name=op.f("fk_nurse_notes_author_id")),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batches.id"], name=op.f("fk_nurse_notes_batch_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_nurse_notes_patient_id")),
        sa.ForeignKeyConstraint(["voided_by_id"], ["staff.id"], name=op.f("fk_nurse_notes_voided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nurse_notes")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_nurse_notes_author", "nurse_notes", ["author_id", "id"], unique=False)
    op.create_index(op.f("ix_nurse_notes_author_id"), "nurse_notes", ["author_id"], unique=False)
    op.create_index(op.f("ix_nurse_notes_batch_id"), "nurse_notes", ["batch_id"], unique=False)
    op.create_index("ix_nurse_notes_patient", "nurse_notes", ["patient_id", "id"], unique=False)
    op.create_table(
        "patient_names",
        sa.Column("word", sa.String(length=60), nullable=False),
        sa.Column("patient_id", hmis.core.columns.Key(), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_patient_names_patient_id")),
        sa.PrimaryKeyConstraint("word", "patient_id", name=op.f("pk_patient_names")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_patient_names_patient", "patient_names", ["patient_id", "word"], unique=False)
    op.create_table(
        "visits",
        sa.Column("id", hmis.core.columns.Key(), nullable=False),
        sa.Column("patient_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("clinic", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("ticket", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("moved_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("moved_by_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("checked_in_by_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("created_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("updated_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["checked_in_by_id"], ["staff.id"], name=op.f("fk_visits_checked_in_by_id")),
        sa.ForeignKeyConstraint(["moved_by_id"], ["staff.id"], name=op.f("fk_visits_moved_by_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_visits_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
        sa.UniqueConstraint("clinic", "held_on", "ticket", name=op.f("uq_visits_clinic_held_on_ticket")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_visits_day", "visits", ["held_on", "clinic", "state", "id"], unique=False)
    op.create_index("ix_visits_patient", "visits", ["patient_id", "id"], unique=False)
    op.create_table(
        "consultations",
        sa.Column("id", hmis.core.columns.Key(), nullable=False),
        sa.Column("patient_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("author_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("occurred_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("visit_id", hmis.core.columns.Key(), nullable=True),
        sa.Column("presenting_complaint", hmis.core.columns.LongText, nullable=True),
        sa.Column("history_of_presenting_complaint", hmis.core.columns.LongText, nullable=True),
        sa.Column("past_medical_history", hmis.core.columns.LongText, nullable=True),
        sa.Column("surgical_history", hmis.core.columns.LongText, nullable=True),
        sa.Column("drug_history", hmis.core.columns.LongText, nullable=True),
        sa.Column("family_history", hmis.core.columns.LongText, nullable=True),
        sa.Column("social_history", hmis.core.columns.LongText, nullable=True),
        sa.Column("obstetric_history", hmis.core.columns.LongText, nullable=True),
        sa.Column("gynaecological_history", hmis.core.columns.LongText, nullable=True),
        sa.Column("review_of_systems", hmis.core.columns.LongText, nullable=True),
        sa.Column("examination", hmis.core.columns.LongText, nullable=True),
        sa.Column("plan", hmis.core.columns.LongText, nullable=True),
        sa.Column("follow_up_on", sa.Date(), nullable=True),
        sa.Column("created_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("updated_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("voided_at", hmis.core.columns.Instant(), nullable=True),
        sa.Column("voided_by_id", hmis.core.columns.Key(), nullable=True),
        sa.Column("void_reason", sa.String(length=500), nullable=True),
        sa.Column("batch_id", hmis.core.columns.Key(), nullable=True),
        sa.Column("source", sa.String(length=255), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["staff.id"], name=op.f("fk_consultations_author_id")),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batches.id"], name=op.f("fk_consultations_batch_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_consultations_patient_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("fk_consultations_visit_id")),
        sa.ForeignKeyConstraint(["voided_by_id"], ["staff.id"], name=op.f("fk_consultations_voided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultations")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_consultations_author", "consultations", ["author_id", "occurred_at", "id"], unique=False)
    op.create_index(op.f("ix_consultations_author_id"), "consultations", ["author_id"], unique=False)
    op.create_index(op.f("ix_consultations_batch_id"), "consultations", ["batch_id"], unique=False)
    op.create_index("ix_consultations_patient", "consultations", ["patient_id", "occurred_at", "id"], unique=False)
    op.create_table(
        "diagnoses",
        sa.Column("id", hmis.core.columns.Key(), nullable=False),
        sa.Column("consultation_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=True),
        sa.Column("code_system", sa.String(length=160), nullable=True),
        sa.Column("certainty", sa.String(length=16), nullable=False),
        sa.Column("created_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("updated_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("removed_at", hmis.core.columns.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["consultation_id"], ["consultations.id"], name=op.f("fk_diagnoses_consultation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_diagnoses")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_diagnoses_consultation", "diagnoses", ["consultation_id"], unique=False)
    op.create_table(
        "prescriptions",
        sa.Column("id", hmis.core.columns.Key(), nullable=False),
        sa.Column("patient_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("author_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("consultation_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("instructions", sa.String(length=2000), nullable=True),
        sa.Column("created_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("updated_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("voided_at", hmis.core.columns.Instant(), nullable=True),
        sa.Column("voided_by_id", hmis.core.columns.Key(), nullable=True),
        sa.Column("void_reason", sa.String(length=500), nullable=True),
        sa.Column("batch_id", hmis.core.columns.Key(), nullable=True),
        sa.Column("source", sa.String(length=255), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["staff.id"], name=op.f("fk_prescriptions_author_id")),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batches.id"], name=op.f("fk_prescriptions_batch_id")),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultations.id"], name=op.f("fk_prescriptions_consultation_id")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_prescriptions_patient_id")),
        sa.ForeignKeyConstraint(["voided_by_id"], ["staff.id"], name=op.f("fk_prescriptions_voided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prescriptions")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_prescriptions_author", "prescriptions", ["author_id", "id"], unique=False)
    op.create_index(op.f("ix_prescriptions_author_id"), "prescriptions", ["author_id"], unique=False)
    op.create_index(op.f("ix_prescriptions_batch_id"), "prescriptions", ["batch_id"], unique=False)
    op.create_index(op.f("ix_prescriptions_consultation_id"), "prescriptions", ["consultation_id"], unique=False)
    op.create_index("ix_prescriptions_patient", "prescriptions", ["patient_id", "id"], unique=False)
    op.create_table(
        "vital_signs",
        sa.Column("id", hmis.core.columns.Key(), nullable=False),
        sa.Column("patient_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("author_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("consultation_id", hmis.core.columns.Key(), nullable=True),
        sa.Column("taken_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("pulse_per_min", sa.Integer(), nullable=True),
        sa.Column("respirations_per_min", sa.Integer(), nullable=True),
        sa.Column("systolic_mmhg", sa.Integer(), nullable=True),
        sa.Column("diastolic_mmhg", sa.Integer(), nullable=True),
        sa.Column("temperature_celsius", hmis.core.columns.Exact(4, 1), nullable=True),
        sa.Column("spo2_percent", sa.Integer(), nullable=True),
        sa.Column("oxygen", sa.Boolean(), nullable=True),
        sa.Column("oxygen_litres_per_min", hmis.core.columns.Exact(4, 1), nullable=True),
        sa.Column("oxygen_device", sa.String(length=40), nullable=True),
        sa.Column("consciousness", sa.String(length=1), nullable=True),
        sa.Column("pain_0_10", sa.Integer(), nullable=True),
        sa.Column("height_cm", hmis.core.columns.Exact(5, 1), nullable=True),
        sa.Column("weight_kg", hmis.core.columns.Exact(6, 3), nullable=True),
        sa.Column("glucose_mmol_per_l", hmis.core.columns.Exact(4, 1), nullable=True),
        sa.Column("muac_mm", sa.Integer(), nullable=True),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("doubts", sa.JSON(), nullable=True),
        sa.Column("news2", sa.JSON(), nullable=True),
        sa.Column("created_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("updated_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("voided_at", hmis.core.columns.Instant(), nullable=True),
        sa.Column("voided_by_id", hmis.core.columns.Key(), nullable=True),
        sa.Column("void_reason", sa.String(length=500), nullable=True),
        sa.Column("batch_id", hmis.core.columns.Key(), nullable=True),
        sa.Column("source", sa.String(length=255), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["staff.id"], name=op.f("fk_vital_signs_author_id")),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batches.id"], name=op.f("fk_vital_signs_batch_id")),
        sa.ForeignKeyConstraint(["consultation_id"], ["consultations.id"], name=op.f("fk_vital_signs_consultation_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_vital_signs_patient_id")),
        sa.ForeignKeyConstraint(["voided_by_id"], ["staff.id"], name=op.f("fk_vital_signs_voided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vital_signs")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_vital_signs_author", "vital_signs", ["author_id", "taken_at", "id"], unique=False)
    op.create_index(op.f("ix_vital_signs_author_id"), "vital_signs", ["author_id"], unique=False)
    op.create_index(op.f("ix_vital_signs_batch_id"), "vital_signs", ["batch_id"], unique=False)
    op.create_index("ix_vital_signs_consultation", "vital_signs", ["consultation_id"], unique=False)
    op.create_index("ix_vital_signs_patient", "vital_signs", ["patient_id", "taken_at", "id"], unique=False)
    op.create_table(
        "dispenses",
        sa.Column("id", hmis.core.columns.Key(), nullable=False),
        sa.Column("patient_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("author_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("prescription_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("created_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("updated_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("voided_at", hmis.core.columns.Instant(), nullable=True),
        sa.Column("voided_by_id", hmis.core.columns.Key(), nullable=True),
        sa.Column("void_reason", sa.String(length=500), nullable=True),
        sa.Column("batch_id", hmis.core.columns.Key(), nullable=True),
        sa.Column("source", sa.String(length=255), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["staff.id"], name=op.f("fk_dispenses_author_id")),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batches.id"], name=op.f("fk_dispenses_batch_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_dispenses_patient_id")),
        sa.ForeignKeyConstraint(["prescription_id"], ["prescriptions.id"], name=op.f("fk_dispenses_prescription_id")),
        sa.ForeignKeyConstraint(["voided_by_id"], ["staff.id"], name=op.f("fk_dispenses_voided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispenses")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_dispenses_author", "dispenses", ["author_id", "id"], unique=False)
    op.create_index(op.f("ix_dispenses_author_id"), "dispenses", ["author_id"], unique=False)
    op.create_index(op.f("ix_dispenses_batch_id"), "dispenses", ["batch_id"], unique=False)
    op.create_index("ix_dispenses_prescription", "dispenses", ["prescription_id", "author_id"], unique=False)
    op.create_table(
        "drug_prescriptions",
        sa.Column("id", hmis.core.columns.Key(), nullable=False),
        sa.Column("prescription_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("drug_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("dose", hmis.core.columns.Exact(12, 3), nullable=True),
        sa.Column("dose_unit", sa.String(length=40), nullable=True),
        sa.Column("route", sa.String(length=60), nullable=True),
        sa.Column("frequency", sa.String(length=32), nullable=True),
        sa.Column("as_needed", sa.Boolean(), nullable=False),
        sa.Column("as_needed_reason", sa.String(length=240), nullable=True),
        sa.Column("max_in_24h", hmis.core.columns.Exact(12, 3), nullable=True),
        sa.Column("duration_days", sa.Integer(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=True),
        sa.Column("instructions", sa.String(length=1000), nullable=True),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("removed_reason", sa.String(length=500), nullable=True),
        sa.Column("created_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("updated_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("removed_at", hmis.core.columns.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["drug_id"], ["drugs.id"], name=op.f("fk_drug_prescriptions_drug_id")),
        sa.ForeignKeyConstraint(
            ["prescription_id"], ["prescriptions.id"], name=op.f("fk_drug_prescriptions_prescription_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drug_prescriptions")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_drug_prescriptions_prescription", "drug_prescriptions", ["prescription_id"], unique=False)
    op.create_table(
        "prescription_progress",
        sa.Column("id", hmis.core.columns.Key(), nullable=False),
        sa.Column("prescription_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("patient_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("consultation_id", hmis.core.columns.Key(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("dispensed", sa.JSON(), nullable=False),
        sa.Column("moved_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("created_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("updated_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultations.id"], name=op.f("fk_prescription_progress_consultation_id")
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_prescription_progress_patient_id")),
        sa.ForeignKeyConstraint(
            ["prescription_id"], ["prescriptions.id"], name=op.f("fk_prescription_progress_prescription_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prescription_progress")),
        sa.UniqueConstraint("consultation_id", name=op.f("uq_prescription_progress_consultation_id")),
        sa.UniqueConstraint("prescription_id", name=op.f("uq_prescription_progress_prescription_id")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_prescription_progress_state", "prescription_progress", ["state", "id"], unique=False)
    op.create_table(
        "dispensed_lines",
        sa.Column("id", hmis.core.columns.Key(), nullable=False),
        sa.Column("dispense_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("line_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("created_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("updated_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("removed_at", hmis.core.columns.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["dispense_id"], ["dispenses.id"], name=op.f("fk_dispensed_lines_dispense_id")),
        sa.ForeignKeyConstraint(["line_id"], ["drug_prescriptions.id"], name=op.f("fk_dispensed_lines_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispensed_lines")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_dispensed_lines_dispense", "dispensed_lines", ["dispense_id"], unique=False)
    op.create_index("ix_dispensed_lines_line", "dispensed_lines", ["line_id"], unique=False)
    op.create_table(
        "line_acts",
        sa.Column("id", hmis.core.columns.Key(), nullable=False),
        sa.Column("patient_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("author_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("line_id", hmis.core.columns.Key(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("created_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("updated_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("voided_at", hmis.core.columns.Instant(), nullable=True),
        sa.Column("voided_by_id", hmis.core.columns.Key(), nullable=True),
        sa.Column("void_reason", sa.String(length=500), nullable=True),
        sa.Column("batch_id", hmis.core.columns.Key(), nullable=True),
        sa.Column("source", sa.String(length=255), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["staff.id"], name=op.f("fk_line_acts_author_id")),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batches.id"], name=op.f("fk_line_acts_batch_id")),
        sa.ForeignKeyConstraint(["line_id"], ["drug_prescriptions.id"], name=op.f("fk_line_acts_line_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patients.id"], name=op.f("fk_line_acts_patient_id")),
        sa.ForeignKeyConstraint(["voided_by_id"], ["staff.id"], name=op.f("fk_line_acts_voided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_acts")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index(op.f("ix_line_acts_author_id"), "line_acts", ["author_id"], unique=False)
    op.create_index(op.f("ix_line_acts_batch_id"), "line_acts", ["batch_id"], unique=False)
    op.create_index("ix_line_acts_line", "line_acts", ["line_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("line_acts")
    op.drop_table("dispensed_lines")
    op.drop_table("prescription_progress")
    op.drop_table("drug_prescriptions")
    op.drop_table("dispenses")
    op.drop_table("vital_signs")
    op.drop_table("prescriptions")
    op.drop_table("diagnoses")
    op.drop_table("consultations")
    op.drop_table("visits")
    op.drop_table("patient_names")
    op.drop_table("nurse_notes")
    op.drop_table("import_leftovers")
    op.drop_table("identifiers")
    op.drop_table("drug_words")
    op.drop_table("assertions")
    op.drop_table("addenda")
    op.drop_table("patients")
    op.drop_table("import_items")
    op.drop_table("drugs")
    op.drop_table("sign_ins")
    op.drop_table("import_batches")
    op.drop_table("drafts")
    op.drop_table("diagnosis_words")
    op.drop_table("ticket_rolls")
    op.drop_table("stored_answers")
    op.drop_table("staff_numbers")
    op.drop_table("staff")
    op.drop_table("record_versions")
    op.drop_table("number_series")
    op.drop_table("failed_sign_ins")
    op.drop_table("diagnosis_codes")
    op.drop_table("audit_seals")
    op.drop_table("audit_seal_entries")
    op.drop_table("audit_events")
