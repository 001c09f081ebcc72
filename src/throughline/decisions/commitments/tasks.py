"""What the schedule does about promises."""

from django.utils import timezone
from django_tasks import task

from throughline.decisions.commitments import actions


@task()
def escalate_overdue() -> None:
    actions.escalate_overdue(on=timezone.localdate(), by="system:schedule", at=timezone.now())
