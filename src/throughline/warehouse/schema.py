"""Says which columns the files of a delivery have."""

import pyarrow as pa

from throughline.formats.event import EVENT_FIELDS, Kind

_TYPES = {
    Kind.TEXT: pa.string(),
    Kind.TEXTS: pa.list_(pa.string()),
    Kind.INSTANT: pa.timestamp("us", tz="UTC"),
    Kind.WHOLE: pa.int16(),
    Kind.DECIMAL: pa.float64(),
    Kind.FLAG: pa.bool_(),
}

PROVENANCE = [
    pa.field("feed", pa.string()),
    pa.field("delivery", pa.string()),
    pa.field("received_at", _TYPES[Kind.INSTANT]),
    pa.field("usable_at", _TYPES[Kind.INSTANT]),
    pa.field("mapping_version", pa.int32()),
]
"""The same for all rows of a delivery: where they came from, and the clocks besides `occurred_at`."""

EVENTS = pa.schema(
    [
        *(pa.field(field.name, _TYPES[field.kind]) for field in EVENT_FIELDS.values()),
        pa.field("row", pa.int64()),
        pa.field("quantity", pa.int32()),
        pa.field("deleted", pa.bool_()),
        pa.field("content_hash", pa.string()),
        *PROVENANCE,
    ]
)

QUARANTINE = pa.schema(
    [
        pa.field("row", pa.int64()),
        pa.field("field", pa.string()),
        pa.field("value", pa.string()),
        pa.field("reason", pa.string()),
        pa.field("expected", pa.string()),
        pa.field("raw", pa.string()),
        *PROVENANCE,
    ]
)
