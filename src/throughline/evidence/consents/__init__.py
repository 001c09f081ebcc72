"""Patients' consents to disclose records of treatment, and what emergencies opened without one."""
