"""Orders, their lines and story, what channels said of returns, and the catalogue that codes are checked by."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from ordain.store.tables.base import Amount, Base, Id, JsonList, JsonMap, Name, Ref, SealedText, Time


class OrderRow(Base):
    """One order of one channel. Phone, e-mail and street are sealed; blind indexes make the phone findable."""

    __tablename__ = "orders"
    __table_args__ = (
        sa.UniqueConstraint("channel", "shop", "external_id"),
        # Lists count along these without a look at the rows: by the time of placing, and by what tabs and rail tell.
        sa.Index(
            "ix_orders_placed",
            "placed_at",
            "id",
            "state",
            "held",
            "region",
            "priority",
            "channel",
            "total",
            "received_at",
            "paid_at",
            "shipped_at",
        ),
        sa.Index(
            "ix_orders_standing",
            "state",
            "held",
            "priority",
            "region",
            "channel",
            "placed_at",
            "paid_at",
            "shipped_at",
            "total",
        ),
        sa.Index("ix_orders_total", "total", "id"),
        sa.Index("ix_orders_quantity", "quantity", "id"),
        sa.Index("ix_orders_search", "buyer_name", "title", "number", "external_id", "id"),
        sa.Index("ix_orders_channel_placed", "channel", "placed_at", "id"),
        sa.Index("ix_orders_state_placed", "state", "placed_at", "id"),
        sa.Index(
            "ix_orders_held", "held", "placed_at", "id", sqlite_where=sa.text("held"), postgresql_where=sa.text("held")
        ),
        sa.Index("ix_orders_received", "received_at", "id"),
        sa.Index("ix_orders_external", "external_id"),
        sa.Index("ix_orders_phone", "phone_blind"),
        sa.Index("ix_orders_phone_tail", "phone_tail_blind"),
    )
    id: Mapped[Id]
    number: Mapped[Name] = mapped_column(unique=True)
    channel: Mapped[Name]
    shop: Mapped[Name]
    external_id: Mapped[Name]
    state: Mapped[str | None] = mapped_column(sa.String(16))
    currency: Mapped[str] = mapped_column(sa.String(3))
    placed_at: Mapped[Time | None]
    paid_at: Mapped[Time | None]
    shipped_at: Mapped[Time | None]
    modified_at: Mapped[Time | None]
    received_at: Mapped[Time]
    updated_at: Mapped[Time]
    goods: Mapped[Amount]
    seller_discount: Mapped[Amount]
    platform_discount: Mapped[Amount]
    freight: Mapped[Amount]
    tax: Mapped[Amount]
    total: Mapped[Amount]
    paid: Mapped[Amount]
    refunded: Mapped[Amount]
    held: Mapped[bool]
    problems: Mapped[JsonList]
    buyer_name: Mapped[Name]
    buyer_level: Mapped[int]
    phone: Mapped[SealedText | None]
    phone_blind: Mapped[Ref | None]
    phone_tail_blind: Mapped[Ref | None]
    email: Mapped[SealedText | None]
    province: Mapped[Name]
    city: Mapped[Name]
    district: Mapped[Name]
    street: Mapped[SealedText | None]
    region: Mapped[Name]
    priority: Mapped[str] = mapped_column(sa.String(16))
    lane: Mapped[Name]
    title: Mapped[str] = mapped_column(sa.Text)  # the first line's, for lists
    line_count: Mapped[int]
    quantity: Mapped[int]
    content_hash: Mapped[str] = mapped_column(sa.String(64))
    extra: Mapped[JsonMap]


class OrderLineRow(Base):
    """One line of an order; its id stays while the channel's line id stays."""

    __tablename__ = "order_line"
    __table_args__ = (sa.Index("ix_order_line_sku", "sku"), sa.UniqueConstraint("order_id", "position"))
    id: Mapped[Id]
    order_id: Mapped[Ref] = mapped_column(sa.ForeignKey("orders.id", ondelete="CASCADE"))
    position: Mapped[int]
    external_id: Mapped[Name]
    sku: Mapped[Name]
    title: Mapped[str] = mapped_column(sa.Text)
    quantity: Mapped[int]
    unit_price: Mapped[Amount]
    amount: Mapped[Amount]
    shipped_quantity: Mapped[int]
    refund_state: Mapped[str] = mapped_column(sa.String(16))


class OrderEventRow(Base):
    """One knot of an order's story; `data` never holds protected values."""

    __tablename__ = "order_event"
    __table_args__ = (sa.Index("ix_order_event_order", "order_id", "id"),)
    id: Mapped[Id]
    order_id: Mapped[Ref] = mapped_column(sa.ForeignKey("orders.id", ondelete="CASCADE"))
    at: Mapped[Time]
    type: Mapped[str] = mapped_column(sa.String(32))
    message_id: Mapped[Ref | None]
    decision_id: Mapped[Ref | None]
    data: Mapped[JsonMap]


class DecisionRow(Base):
    """One decision: which definition and version, what came out, why; the facts are sealed."""

    __tablename__ = "decision"
    __table_args__ = (sa.Index("ix_decision_subject", "subject", "id"),)
    id: Mapped[Id]
    subject: Mapped[Name]  # "order:ID"
    kind: Mapped[str] = mapped_column(sa.String(32))
    key: Mapped[Name]
    version: Mapped[int]
    outcome: Mapped[str] = mapped_column(sa.String(32))
    at: Mapped[Time]
    why: Mapped[JsonList]
    facts: Mapped[SealedText]
    message_id: Mapped[Ref | None]


class ReturnRequestRow(Base):
    """A return or refund request as its channel told it."""

    __tablename__ = "return_request"
    __table_args__ = (
        sa.UniqueConstraint("channel", "shop", "external_id"),
        sa.Index("ix_return_request_order", "channel", "order_external_id"),
    )
    id: Mapped[Id]
    channel: Mapped[Name]
    shop: Mapped[Name]
    external_id: Mapped[Name]
    order_external_id: Mapped[Name]
    currency: Mapped[str] = mapped_column(sa.String(3))
    amount: Mapped[Amount]
    reason: Mapped[str] = mapped_column(sa.Text)
    return_type: Mapped[Name]
    state: Mapped[Name]
    requested_at: Mapped[Time | None]
    modified_at: Mapped[Time | None]
    received_at: Mapped[Time]
    updated_at: Mapped[Time]
    lines: Mapped[JsonList]
    held: Mapped[bool]
    problems: Mapped[JsonList]
    content_hash: Mapped[str] = mapped_column(sa.String(64))
    extra: Mapped[JsonMap]
    version: Mapped[int] = mapped_column(server_default="1")


class ShipmentRow(Base):
    """A parcel that left: what of an order, by which carrier, under which number."""

    __tablename__ = "shipment"
    __table_args__ = (
        sa.Index("ix_shipment_order", "order_id"),
        sa.Index("ix_shipment_shipped", "shipped_at"),
        sa.Index("ix_shipment_tracking", "tracking"),
        sa.UniqueConstraint("name"),
    )
    id: Mapped[Id]
    name: Mapped[Name]  # the order's number and how many parcels it had by then
    order_id: Mapped[Ref] = mapped_column(sa.ForeignKey("orders.id", ondelete="CASCADE"))
    order_number: Mapped[Name]
    carrier: Mapped[Name]
    tracking: Mapped[Name]
    pieces: Mapped[int] = mapped_column(sa.BigInteger)
    lines: Mapped[JsonList]
    shipped_at: Mapped[Time]
    shipped_by: Mapped[Name]
    extra: Mapped[JsonMap]
    version: Mapped[int]
    updated_at: Mapped[Time]


class SkuRow(Base):
    """A stock keeping unit of the catalogue."""

    __tablename__ = "sku"
    sku: Mapped[str] = mapped_column(sa.String(128), primary_key=True)
    title_zh: Mapped[str] = mapped_column(sa.Text)
    title_en: Mapped[str] = mapped_column(sa.Text)
    price: Mapped[Amount]
    currency: Mapped[str] = mapped_column(sa.String(3))
    active: Mapped[bool]
    extra: Mapped[JsonMap] = mapped_column(server_default="{}")
    version: Mapped[int] = mapped_column(server_default="1")
    created_at: Mapped[Time] = mapped_column(server_default="0")
    updated_at: Mapped[Time] = mapped_column(server_default="0")


class SkuAliasRow(Base):
    """Another code under which channels sell a SKU; channel "" means all channels."""

    __tablename__ = "sku_alias"
    __table_args__ = (sa.PrimaryKeyConstraint("alias", "channel"),)
    alias: Mapped[Name]
    channel: Mapped[Name]
    sku: Mapped[Name] = mapped_column(sa.ForeignKey("sku.sku", ondelete="CASCADE"))


class CounterRow(Base):
    """A running number by name, for order numbers."""

    __tablename__ = "counter"
    name: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    value: Mapped[int] = mapped_column(sa.BigInteger)
