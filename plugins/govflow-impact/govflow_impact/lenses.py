"""Three ways to look at one line: the five NIHR principles, 4Pi, the UK Standards. By id, for lists differ in order."""

from __future__ import annotations

NIHR = {
    "sharing-of-power": "Sharing of power",
    "including-all-perspectives-and-skills": "Including all perspectives and skills",
    "respecting-and-valuing-knowledge": "Respecting and valuing the knowledge of all",
    "reciprocity": "Reciprocity",
    "building-and-maintaining-relationships": "Building and maintaining relationships",
}
FOUR_PI = {
    "principles": "Principles: how do we relate to each other?",
    "purpose": "Purpose: why are we involving people?",
    "presence": "Presence: who is involved, and where?",
    "process": "Process: how are people involved?",
    "impact": "Impact: what difference does it make?",
}
UK_STANDARDS = {
    "inclusive-opportunities": "Inclusive opportunities",
    "working-together": "Working together",
    "support-and-learning": "Support and learning",
    "communications": "Communications",
    "impact": "Impact",
    "governance": "Governance",
}
LENSES = {
    "nihr": ("The five principles", NIHR),
    "four_pi": ("4Pi", FOUR_PI),
    "uk": ("The UK Standards for Public Involvement", UK_STANDARDS),
}
"""By the name of the field: what the lens is called, and what can be ticked."""
