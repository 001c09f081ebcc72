"""Invents names of neighbourhoods and of people; nobody and nowhere is meant."""

from itertools import product

import numpy as np


def _words(*lines: str) -> list[str]:
    return " ".join(lines).split()


_STEMS = _words(
    "Ashlar Bexley Candle Dunmore Ember Fallow Gantry Harrow Ironside Juniper Kestrel Larkspur",
    "Millrace Nettle Osprey Pennant Quarry Redfern Saltbox Tannery Umber Verbena Wharf Yarrow Alder",
    "Brickyard Cooper Drover Falcon Glass Heron Lantern Mercer Orchard Packer Rope Sorrel Thistle",
    "Weaver Cinder",
)
_ENDINGS = _words("Bend Common Corner Court Flats Gate Green Heights Landing Park Row Side")
MOST_NAMES = len(_STEMS) * len(_ENDINGS)

_GIVEN = _words(
    "Abena Adriel Alma Anders Anika Arlo Beatriz Bram Calla Camilo Carys Cesar Dalia Delphine Desmond",
    "Edda Efrain Elspeth Emeka Esme Farah Felix Gideon Greta Hana Hollis Imani Ines Isidro Jonas",
    "Joaquin Kaia Keziah Lazaro Leontine Lior Lucia Maren Marisol Matthias Mei Nadia Nestor Odessa",
    "Olin Orla Paloma Percy Priya Quentin Ramona Reuben Rosalind Sabine Santiago Selah Soren Tamsin",
    "Thaddeus Tomas Ursula Valeria Wendell Ximena Yusuf Zelda",
)
_FAMILY = _words(
    "Abernorth Aldermoor Amberley Arrowood Baskett Beaufrere Birchall Brightwater Calderon Castellane",
    "Corvino Crowhurst Dacosta Delmarre Dunleavy Eastvale Elderkin Fairbourne Featherly Ferreira",
    "Fontaine Garrowby Gillespey Greenhalt Halloran Hartigan Hawksmere Ibarrola Inglenook Jessamy",
    "Karlsen Kettering Kinsolver Langtree Larrabee Lindqvist Maddock Marchetti Merriwell Montalvo",
    "Moonan Nakagawi Northcutt Oakenfold Okonjo Ordonez Pemberlin Pettibone Quintrell Ramsdale",
    "Ravenhill Rosewell Sandoval Silverlake Stonebrook Tallgrass Thackery Umarov Valdivia Venkatar",
    "Wainscott Westerby Whitlow Winterbourn Yarborne Zamudio",
)


def neighbourhood_names(count: int, rng: np.random.Generator) -> list[str]:
    """Different names; ValueError beyond `MOST_NAMES`."""
    names = [f"{stem} {ending}" for stem, ending in product(_STEMS, _ENDINGS)]
    if count > len(names):
        raise ValueError(f"There are names for {len(names)} neighbourhoods, not for {count}.")
    return [names[n] for n in rng.permutation(len(names))[:count]]


def people_names(count: int, rng: np.random.Generator) -> list[str]:
    """Different names, given name first."""
    names = [f"{given} {family}" for given, family in product(_GIVEN, _FAMILY)]
    return [names[n] for n in rng.permutation(len(names))[:count]]
