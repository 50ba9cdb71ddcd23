"""Fixed centres and spreads of `basic-1`'s statistics; changing one makes a new encoder, so a new name."""

CENTRES: dict[str, tuple[float, ...]] = {
    "colour": (0.0,) * 10,
    "layout": (0.0,) * 10,
    "texture": (0.0,) * 14,
    "motion": (0.0,) * 10,
    "sound": (0.0,) * 14,
}
SPREADS: dict[str, tuple[float, ...]] = {name: (1.0,) * len(values) for name, values in CENTRES.items()}
