"""How visits become events unless an agency's mapping says otherwise."""

from typing import Any

from throughline.formats.hl7.visits import SEVERAL

_ALIVE = [
    *(f"{code:02}" for code in range(1, 10)),
    *("21", "30", "43", "50", "51", *map(str, range(61, 67)), "69", "70"),
    *(str(code) for code in range(81, 96)),
]
_DEAD = ("20", "40", "41", "42")

MAPPING: dict[str, Any] = {
    "description": "Visits to emergency departments and hospitals, as the PHIN guide 2.0 writes them.",
    "record_id": {"columns": ["visit"]},
    "occurred_at": {
        "columns": ["visit_at", "recorded_on"],
        "time_zone": "UTC",
        "nonexistent": "shift",
    },
    "place": {"code": {"columns": ["residence"]}, "otherwise": "unplaced"},
    # The patient died (PID-29, PID-30), else the patient's status at discharge (UB-04).
    "outcome": {
        "columns": ["died", "disposition"],
        "codes": {"Y": "fatal"} | dict.fromkeys(_DEAD, "fatal") | dict.fromkeys(_ALIVE, "nonfatal"),
        "otherwise": "unknown",
    },
    "age": {"columns": ["age"], "otherwise": "unknown"},
    "sex": {
        "columns": ["sex"],
        "codes": {"F": "female", "M": "male", "O": "other", "A": "other", "U": "unknown"},
        "otherwise": "unknown",
    },
    # CDC's race and ethnicity codes (CDCREC).
    "race": {
        "columns": ["race"],
        "codes": {
            "1002-5": "american_indian",
            "2028-9": "asian",
            "2054-5": "black",
            "2076-8": "pacific_islander",
            "2106-3": "white",
            "2131-1": "other",
            "multiple": "multiple",
        },
        "otherwise": "unknown",
    },
    "ethnicity": {
        "columns": ["ethnicity"],
        "codes": {"2135-2": "hispanic", "2186-5": "not_hispanic"},
        "otherwise": "unknown",
    },
    "codes": [
        {"columns": [name], "split": SEVERAL}
        for name in ("diagnosis", "chief_complaint_code", "patient_class", "facility_type")
    ],
    "texts": [
        {"columns": [name], "split": SEVERAL}
        for name in (
            "chief_complaint",
            "admit_reason",
            "diagnosis_text",
            "triage_notes",
            "clinical_impression",
        )
    ],
    # Syndromic feeds tell of every visit; which of them are overdoses, case definitions say.
    "count": {"measure": {"constant": "visit"}},
    # An admission cancelled (A11) or a visit deleted (A23) takes the visit back.
    "deleted": {"columns": ["trigger"], "codes": {"A11": "yes", "A23": "yes"}, "otherwise": "unknown"},
}
