"""Purposes and kinds of information in words, for forms and pages."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from throughline.policy.consent import Information, Use

USES: Mapping[str, Any] = {
    Use.TREATMENT: _("treatment"),
    Use.PAYMENT: _("payment"),
    Use.OPERATIONS: _("health care operations"),
    Use.SURVEILLANCE: _("watching for overdoses and where they happen"),
    Use.RESPONSE: _("answering a signal"),
    Use.EVALUATION: _("measuring whether an answer helped"),
    Use.RESEARCH: _("research"),
    Use.PATIENT_REQUEST: _("at the patient's request"),
    Use.PROCEEDINGS: _("civil, criminal, administrative or legislative proceedings"),
}
INFORMATION: Mapping[str, Any] = {
    Information.OVERDOSES: _("reports of overdoses"),
    Information.ATTENDANCE: _("attendance"),
    Information.DIAGNOSIS: _("diagnosis"),
    Information.MEDICATION: _("medication"),
    Information.TEST_RESULTS: _("test results"),
    Information.TREATMENT_PLAN: _("treatment plan"),
    Information.REFERRAL: _("referral"),
    Information.COUNSELING_NOTES: _("counseling notes"),
}
