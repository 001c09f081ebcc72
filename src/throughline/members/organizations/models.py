"""Organizations of the coalition."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from throughline.members.places.models import Place


class Sector(models.TextChoices):
    """The sectors that a coalition against overdose deaths should seat."""

    PUBLIC_HEALTH = "public_health", _("Public health")
    EMS = "ems", _("Emergency medical services")
    HOSPITAL = "hospital", _("Hospital")
    CORONER = "coroner", _("Coroner or medical examiner")
    TREATMENT = "treatment", _("Treatment")
    HARM_REDUCTION = "harm_reduction", _("Harm reduction")
    RECOVERY = "recovery", _("Recovery")
    PHARMACY = "pharmacy", _("Pharmacy")
    JAIL = "jail", _("Jail and re-entry")
    COURTS = "courts", _("Courts")
    POLICE = "police", _("Police")
    SCHOOL = "school", _("Schools")
    EMPLOYER = "employer", _("Employers")
    FAITH = "faith", _("Faith")
    HOUSING = "housing", _("Housing and shelter")
    SOCIAL_SERVICES = "social_services", _("Social services")
    PAYER = "payer", _("Payers")
    GOVERNMENT = "government", _("Elected government")
    ACADEMIA = "academia", _("Universities")
    RESIDENTS = "residents", _("Residents and families")
    OTHER = "other", _("Other")


class Organization(models.Model):
    name = models.CharField(max_length=200, unique=True)
    sector = models.CharField(max_length=40, choices=Sector)
    jurisdiction = models.ForeignKey(
        Place, models.PROTECT, null=True, blank=True, related_name="organizations"
    )
    # The backbone runs the installation: detection reads the feeds in its name.
    is_backbone = models.BooleanField(default=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_backbone"], condition=models.Q(is_backbone=True), name="one_backbone"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def sharing_id(self) -> str:
        """How sharing rules name this organization: by its unique name, so that a refusal can be read."""
        return self.name
