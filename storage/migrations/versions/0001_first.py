"""first."""

import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None


def upgrade() -> None:
    op.create_table('audit_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('by', sa.String(), nullable=False),
    sa.Column('what', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('detail', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entry'))
    )
    op.create_table('business',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('postcode', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('phone', sa.String(), nullable=True),
    sa.Column('lat', sa.Float(), nullable=True),
    sa.Column('lon', sa.Float(), nullable=True),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.CheckConstraint("kind IN ('levy', 'voluntary')", name=op.f('ck_business_kind')),
    sa.CheckConstraint("status IN ('active', 'suspended', 'left')", name=op.f('ck_business_status')),
    sa.CheckConstraint('(lat IS NULL) = (lon IS NULL)', name=op.f('ck_business_point')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_business')),
    sa.UniqueConstraint('name', name=op.f('uq_business_name'))
    )
    op.create_table('complaint',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('words', sa.String(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('due_at', sa.BigInteger(), nullable=False),
    sa.Column('answered_at', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_complaint')),
    sa.UniqueConstraint('number', name=op.f('uq_complaint_number'))
    )
    op.create_table('dead_letter',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('external_id', sa.String(), nullable=False),
    sa.Column('channel', sa.String(), nullable=False),
    sa.Column('body', sa.String(), nullable=False),
    sa.Column('error', sa.String(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('replayed_at', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dead_letter')),
    sa.UniqueConstraint('external_id', name=op.f('uq_dead_letter_external_id'))
    )
    op.create_table('fact',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('value', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_fact'))
    )
    op.create_table('outbox',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('lane', sa.String(), nullable=False),
    sa.Column('dedupe', sa.String(), nullable=False),
    sa.Column('reference', sa.String(), nullable=False),
    sa.Column('payload', sa.String(), nullable=False),
    sa.Column('collapse', sa.String(), nullable=True),
    sa.Column('also_edit', sa.String(), nullable=True),
    sa.Column('not_before', sa.BigInteger(), nullable=False),
    sa.Column('not_after', sa.BigInteger(), nullable=True),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('doubts', sa.Integer(), nullable=False),
    sa.Column('first_tried_at', sa.BigInteger(), nullable=True),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('claimed_by', sa.String(), nullable=True),
    sa.Column('claimed_until', sa.BigInteger(), nullable=True),
    sa.Column('sent_at', sa.BigInteger(), nullable=True),
    sa.Column('provider_id', sa.String(), nullable=True),
    sa.Column('error', sa.String(), nullable=True),
    sa.CheckConstraint("(state = 'sending') = (claimed_by IS NOT NULL)", name=op.f('ck_outbox_claimed_by')),
    sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name=op.f('ck_outbox_sent_at')),
    sa.CheckConstraint("state IN ('due', 'sending', 'sent', 'doubtful', 'failed', 'cancelled')", name=op.f('ck_outbox_state')),  # noqa: E501
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox')),
    sa.UniqueConstraint('dedupe', name=op.f('uq_outbox_dedupe')),
    sa.UniqueConstraint('reference', name=op.f('uq_outbox_reference')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('outbox') as batch_op:
        batch_op.create_index('ix_outbox_done', ['created_at'], unique=False, sqlite_where=sa.text("state IN ('sent', 'cancelled') AND kind <> 'email'"), postgresql_where=sa.text("state IN ('sent', 'cancelled') AND kind <> 'email'"))  # noqa: E501
        batch_op.create_index('ix_outbox_doubtful', ['id'], unique=False, sqlite_where=sa.text("state = 'doubtful'"), postgresql_where=sa.text("state = 'doubtful'"))  # noqa: E501
        batch_op.create_index('ix_outbox_due', ['kind', 'not_before', 'id'], unique=False, sqlite_where=sa.text("state IN ('due', 'doubtful')"), postgresql_where=sa.text("state IN ('due', 'doubtful')"))  # noqa: E501
        batch_op.create_index('ix_outbox_failed', ['id'], unique=False, sqlite_where=sa.text("state = 'failed'"), postgresql_where=sa.text("state = 'failed'"))  # noqa: E501
        batch_op.create_index('ix_outbox_lane', ['lane'], unique=False, sqlite_where=sa.text("kind = 'telegram'"), postgresql_where=sa.text("kind = 'telegram'"))  # noqa: E501
        batch_op.create_index('ix_outbox_open', ['lane', 'id'], unique=False, sqlite_where=sa.text("state IN ('due', 'sending', 'doubtful')"), postgresql_where=sa.text("state IN ('due', 'sending', 'doubtful')"))  # noqa: E501
        batch_op.create_index('ix_outbox_sending', ['id'], unique=False, sqlite_where=sa.text("state = 'sending'"), postgresql_where=sa.text("state = 'sending'"))  # noqa: E501

    op.create_table('person',
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('language', sa.String(), nullable=True),
    sa.Column('blocked_at', sa.BigInteger(), nullable=True),
    sa.Column('last_inbound_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('address', name=op.f('pk_person'))
    )
    op.create_table('seen',
    sa.Column('external_id', sa.String(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('external_id', name=op.f('pk_seen'))
    )
    with op.batch_alter_table('seen') as batch_op:
        batch_op.create_index(batch_op.f('ix_seen_at'), ['at'], unique=False)

    op.create_table('invite',
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('business_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.Column('withdrawn_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['business_id'], ['business.id'], name=op.f('fk_invite_business_id')),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_invite'))
    )
    with op.batch_alter_table('invite') as batch_op:
        batch_op.create_index(batch_op.f('ix_invite_business_id'), ['business_id'], unique=False)

    op.create_table('member',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('business_id', sa.Integer(), nullable=False),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=True),
    sa.Column('shop_phone', sa.Boolean(), nullable=False),
    sa.Column('notice_version', sa.String(), nullable=False),
    sa.Column('joined_at', sa.BigInteger(), nullable=False),
    sa.Column('left_at', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['business_id'], ['business.id'], name=op.f('fk_member_business_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_member'))
    )
    with op.batch_alter_table('member') as batch_op:
        batch_op.create_index(batch_op.f('ix_member_business_id'), ['business_id'], unique=False)
        batch_op.create_index('uq_member_address_now', ['address'], unique=True, sqlite_where=sa.text('left_at IS NULL'), postgresql_where=sa.text('left_at IS NULL'))  # noqa: E501

    op.create_table('report',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('reference', sa.String(), nullable=False),
    sa.Column('draft', sa.String(), nullable=False),
    sa.Column('business_id', sa.Integer(), nullable=False),
    sa.Column('member_id', sa.Integer(), nullable=False),
    sa.Column('category', sa.String(), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('status_at', sa.BigInteger(), nullable=False),
    sa.Column('acted_at', sa.BigInteger(), nullable=True),
    sa.Column('test', sa.Boolean(), nullable=False),
    sa.Column('place', sa.String(), nullable=False),
    sa.Column('place_kind', sa.String(), nullable=False),
    sa.Column('place_off_m', sa.Integer(), nullable=True),
    sa.Column('lat', sa.Float(), nullable=True),
    sa.Column('lon', sa.Float(), nullable=True),
    sa.Column('accuracy_m', sa.Float(), nullable=True),
    sa.Column('words', sa.String(), nullable=False),
    sa.Column('language', sa.String(), nullable=False),
    sa.Column('answer', sa.String(), nullable=True),
    sa.Column('under_18', sa.String(), nullable=True),
    sa.Column('name_out', sa.Boolean(), nullable=False),
    sa.Column('urgent', sa.Boolean(), nullable=False),
    sa.Column('seen_at', sa.BigInteger(), nullable=False),
    sa.Column('seen_at_source', sa.String(), nullable=False),
    sa.Column('seen_said', sa.String(), nullable=True),
    sa.Column('received_at', sa.BigInteger(), nullable=False),
    sa.Column('filed_at', sa.BigInteger(), nullable=False),
    sa.Column('withdrawn_at', sa.BigInteger(), nullable=True),
    sa.Column('late_told_at', sa.BigInteger(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("seen_at_source IN ('said', 'photo', 'message')", name=op.f('ck_report_seen_at_source')),  # noqa: E501
    sa.CheckConstraint("status IN ('open', 'investigating', 'in_progress', 'planned', 'action_scheduled', 'fixed', 'closed', 'duplicate', 'no_further_action', 'not_councils_responsibility', 'internal_referral', 'cancelled')", name=op.f('ck_report_status')),  # noqa: E501
    sa.CheckConstraint('(lat IS NULL) = (lon IS NULL)', name=op.f('ck_report_point')),
    sa.ForeignKeyConstraint(['business_id'], ['business.id'], name=op.f('fk_report_business_id')),
    sa.ForeignKeyConstraint(['member_id'], ['member.id'], name=op.f('fk_report_member_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_report')),
    sa.UniqueConstraint('draft', name=op.f('uq_report_draft')),
    sa.UniqueConstraint('reference', name=op.f('uq_report_reference'))
    )
    with op.batch_alter_table('report') as batch_op:
        batch_op.create_index('ix_report_business_id_filed_at', ['business_id', 'filed_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_report_filed_at'), ['filed_at'], unique=False)
        batch_op.create_index('ix_report_member_id_filed_at', ['member_id', 'filed_at'], unique=False)

    op.create_table('delivery',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('report_id', sa.Integer(), nullable=False),
    sa.Column('recipients', sa.String(), nullable=False),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('owner', sa.Boolean(), nullable=False),
    sa.Column('part', sa.String(), nullable=False),
    sa.Column('category', sa.String(), nullable=False),
    sa.Column('on_route', sa.Boolean(), nullable=False),
    sa.Column('reference', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=True),
    sa.Column('settled_at', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("(state = 'queued') = (settled_at IS NULL)", name=op.f('ck_delivery_settled_at')),
    sa.CheckConstraint("state IN ('queued', 'accepted', 'refused', 'cancelled')", name=op.f('ck_delivery_state')),  # noqa: E501
    sa.ForeignKeyConstraint(['report_id'], ['report.id'], name=op.f('fk_delivery_report_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delivery')),
    sa.UniqueConstraint('reference', name=op.f('uq_delivery_reference')),
    sa.UniqueConstraint('report_id', 'address', 'part', name=op.f('uq_delivery_report_id_address_part'))
    )
    with op.batch_alter_table('delivery') as batch_op:
        batch_op.create_index(batch_op.f('ix_delivery_report_id'), ['report_id'], unique=False)

    op.create_table('photo',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('draft', sa.String(), nullable=False),
    sa.Column('report_id', sa.Integer(), nullable=True),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=True),
    sa.Column('name', sa.String(), nullable=True),
    sa.Column('mime', sa.String(), nullable=True),
    sa.Column('width', sa.Integer(), nullable=True),
    sa.Column('height', sa.Integer(), nullable=True),
    sa.Column('size', sa.Integer(), nullable=True),
    sa.Column('sha256', sa.String(), nullable=True),
    sa.Column('received_sha256', sa.String(), nullable=True),
    sa.Column('received_size', sa.Integer(), nullable=True),
    sa.Column('received_format', sa.String(), nullable=True),
    sa.Column('provider_at', sa.BigInteger(), nullable=False),
    sa.Column('announced_at', sa.BigInteger(), nullable=False),
    sa.Column('kept_at', sa.BigInteger(), nullable=True),
    sa.Column('exif_at', sa.BigInteger(), nullable=True),
    sa.Column('exif_lat', sa.Float(), nullable=True),
    sa.Column('exif_lon', sa.Float(), nullable=True),
    sa.CheckConstraint("(state = 'kept') = (name IS NOT NULL)", name=op.f('ck_photo_name')),
    sa.CheckConstraint("state IN ('waiting', 'kept', 'refused', 'removed')", name=op.f('ck_photo_state')),
    sa.ForeignKeyConstraint(['report_id'], ['report.id'], name=op.f('fk_photo_report_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_photo'))
    )
    with op.batch_alter_table('photo') as batch_op:
        batch_op.create_index(batch_op.f('ix_photo_draft'), ['draft'], unique=False)
        batch_op.create_index(batch_op.f('ix_photo_report_id'), ['report_id'], unique=False)

    op.create_table('report_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('report_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('what', sa.String(), nullable=False),
    sa.Column('by', sa.String(), nullable=False),
    sa.Column('detail', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['report_id'], ['report.id'], name=op.f('fk_report_event_report_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_report_event'))
    )
    with op.batch_alter_table('report_event') as batch_op:
        batch_op.create_index(batch_op.f('ix_report_event_report_id'), ['report_id'], unique=False)
