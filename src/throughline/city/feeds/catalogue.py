"""Lists the simulated agencies' feeds."""

from throughline.city.feeds import (
    emergency_departments,
    ems,
    jail,
    medical_examiner,
    naloxone_programme,
    police,
)

FEEDS = (
    ems.FEED,
    medical_examiner.FEED,
    emergency_departments.NORTH,
    emergency_departments.SOUTH,
    police.FEED,
    naloxone_programme.FEED,
    jail.FEED,
)
