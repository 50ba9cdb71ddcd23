"""Fixed centres and spreads of `clip-1`'s statistics; changing one makes a new encoder, so a new name.

Mean and standard deviation over 96 clips of the demo, 12 of each theme, without regard to which is which. With them
the cosine of unlike clips is about 0; without them everything resembles everything (0.70), because most statistics
are positive.
"""

CENTRES: dict[str, tuple[float, ...]] = {
    "colour": (0.356, 0.00163, -0.00562, 0.195, 0.0923, 0.111, 0.207, 0.211, 0.0551, 0.164),
    "texture": (0.138, 0.167, 0.247, 0.28, 0.0667, 0.101, 1.03, 1.21, 1.31, -1.16, -1.61, -1.91, -2.64, 3.68),
    "motion": (1.18, 0.221, 0.239, 0.242, 0.446, 0.241, 0.659, 0.568, 0.471, 0.242),
    "sound": (4.07, 2.35, 1.67, 0.631, -0.714, -1.9, -2.71, -3.39, -9.28, 1.3, 0.279, 1.5, 0.105, 6.62),
}
SPREADS: dict[str, tuple[float, ...]] = {
    "colour": (0.163, 0.156, 0.113, 0.0675, 0.0532, 0.0689, 0.097, 0.245, 0.076, 0.178),
    "texture": (0.0974, 0.0628, 0.0955, 0.104, 0.0264, 0.0499, 0.462, 0.505, 0.456, 1.02, 0.645, 1.2, 1.35, 0.804),
    "motion": (0.583, 0.313, 0.363, 0.191, 0.377, 0.194, 0.2, 0.208, 0.207, 0.24),
    "sound": (2.82, 2.44, 1.84, 0.973, 1.46, 1.49, 1.68, 1.93, 2.24, 0.749, 0.127, 1.22, 0.0764, 1.98),
}
