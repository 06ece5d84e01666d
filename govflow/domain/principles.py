"""The five NIHR principles of co-production, by id, in NIHR's order and wording (Guidance, April 2021)."""

PRINCIPLES = {
    "sharing-of-power": "Sharing of power",
    "including-all-perspectives-and-skills": "Including all perspectives and skills",
    "respecting-and-valuing-knowledge": (
        "Respecting and valuing the knowledge of all those working together on the research"
    ),
    "reciprocity": "Reciprocity",
    "building-and-maintaining-relationships": "Building and maintaining relationships",
}
