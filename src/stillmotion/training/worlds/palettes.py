"""Colours that things have: small palettes by name, from which a family draws.

"car paint" ─colour(rng)─▶ linear albedo (3,), varied a little, always within what real surfaces reflect (0.02 to 0.9)
"""

from __future__ import annotations

import numpy as np

PALETTES: dict[str, str] = {  # sRGB, written as on paper
    "plaster": "e8dcc8 d9c7a8 efe6d8 c9b79a e3c9a4 d6a98a b9c4c0 cfd3cf e9d8b0 c79c86 f2efe8 a9b3b8 d9b8a0 bfae8f",
    "brick": "8a4b3a 9c5a44 7a4436 a5654c b07a5e 6e4a40 94705c 5f3b33",
    "concrete": "a8a49c 8f8c86 bdb8ae 7b7a77 c7c3bb 9aa0a3",
    "stone": "b3a68e 9d9484 c4b89e 8a8478 d0c7b4 7f7a70",
    "trim": "efece4 d8d4ca c4bdb0 8d8a84 f5f2ea 5d5a56 dfd6c2",
    "frame": "f2f0ea 3a3a3c 6b4a32 d9d5cc 24382e 4d5a66 7a2e2a",
    "roof": "7d3b2c 93503a 5b4038 4a4a4e 6b5a50 3d4248 84604a a0604a",
    "door": "4a2e1c 2d4a3a 7a1f1f 24324f 5b4630 1f1f22 8a6a3c",
    "sign": "b3261e 1f4e8c 2e6b3c d9a520 222226 6b2d6b e0d6c0 8a3a1e",
    "awning": "b33a2e 2f6b4a d9c9a0 2d4f7a c98a2b 7a2438 e4e0d4",
    "car paint": "c9cccf 8d9296 2a2c30 f0f0ee 7a1216 1c3557 40464a "
    "b5b8ba 5c1a1a 2e4a3a a88a5a d8d2c2 14161a 3f6a94 c7a93a",
    "bus paint": "b01e23 e3b21f 2a6fb0 2f7a44 e8e6e0",
    "skin": "f1c9ab e3b08c d19c78 b57b54 8d5a3a 6b412a 4c2d1e eac0a6",
    "hair": "1a1310 2e1f16 4a3020 6b4a2c 9a7544 c2a878 8a8784 3b1d14 d8d4cf",
    "top": "2f4a75 8a2e2e 3c5a3e d9d3c4 1d1f24 b98b3e 5e3b66 7d8a94 "
    "e6e2da c4574a 3f7a8a a7a39a e0b9b0 6a7a3a 20304a f0efe9",
    "bottom": "22293a 2e3f5e 1b1b1e 4a443c 6b6459 8a7f6a 39424c 5c4a3a c2b79e",
    "shoe": "17171a 3a2618 e8e6e0 5a3a22 2a2f3a 9a2f2a",
    "wood": "8a5a34 a9743f 6b4226 c49a62 5a3a24 d8b98a 96683e 3e281a b8875a",
    "cloth": "7a8ea3 b7a58a 8a3f3a 4f5f4a d9d2c4 3a4a66 c7b299 a86a4a 6a5a6e 2d3a3a e8e3d8 9a8f3f",
    "ceramic": "f2efe8 e4ded2 dfe6e8 3f5a7a 7a8f7a c9b090 2b2d30 b5533c d9c27a 8fb0b8 e9d5cf",
    "glass bottle": "1f3a1c 2c4a24 4a2c12 14241a 5f7a6a 8fa8a0 3a1f10",
    "label": "efe6d0 d9cba8 f4f2ec 8a1f1f 1f2f4a c9a24a",
    "metal": "8a8d90 a9abad 6b6d70 b9a66a 4a4b4e c7c9cb",
    "dark metal": "26282b 3a3c3f 1c2420 45372a 2f3a34",
    "plastic": "d8342a 2a6fd8 f2c21f 2fa84a f07a1f e8e6e4 8a3fb0 1fb0b0 f08ab0",
    "book": "7a2a24 24405e 3f5a34 c9a85a 5a3a5e e0d4b8 1f1f24 a8562e 4f7a80 8a8a84",
    "leaves": "3f5f22 4f7028 34501e 5f7a2c 6b7a30 2c4a22 56702e 486628",
    "autumn": "b0641e c98a24 9a3a1c 8a6a24 d0a830 7a4a1e a84a20",
    "needles": "25401f 2e4a2c 1e3820 38503a 34482a",
    "grass": "55702a 6a8034 4a6426 7f8a42 8f8a4c 5f7a30",
    "dry grass": "b39a5a a08a4c c2aa6a 8f7f48 bfae78",
    "bark": "4a3a2c 5e4a38 3a2e26 6b5a48 7d7468 54402e",
    "petal": "d8283a f0c81f f4f0ec e86aa0 8a3fb8 f08a2a c81f5a f7d9e0 5a5ad0 fae28a b02030 e8a0c8 ff9a60",
    "heart": "d8a01f 6b4a1e e8c84a 3a2a14 c9b040",
    "sand": "d8c49a c9b48a e0d0ac bfa87c d0b890",
    "soil": "5a4430 6b5238 4a3828 7a6248 84694a",
    "asphalt": "4a4b4d 3a3b3e 5a5a5a 66645f 505358",
    "paving": "a39e94 8f8b84 b8b0a2 9a8f82 7d7b78 b09a88",
    "snow": "eef2f6 f4f6f8 e6ecf2",
    "wall paint": "e9e4d8 d6dcd9 e6d9c2 c9d3c4 d8c4b8 b8c6d0 f1efea a8b5a0 d9b9a0 8fa3ad c7bcd0",
    "coat dog": "a9743f 3a2a20 d8c4a0 6b4a30 1c1a1a e6dfd2 8a5a34 b98f5a",
    "coat cat": "8a8580 c98a4a 2a2624 e6e0d8 a08a70 5a5550",
    "coat horse": "5a3420 2a1c16 8a5a34 c9b59a 3a2a24 e0dcd4 74482c",
    "coat cow": "e6e0d6 3a2a22 8a4f2e b98a5e 1f1c1c c9b79a",
    "wool": "e4dccb d6cbb4 efe9dc c2b59c",
    "coat deer": "9a6a40 8a5c38 a97a4e 7a5436",
    "coat elephant": "7a7672 6a6664 8a847c",
    "coat pig": "e0b0a0 d8a090 c9988a 4a4040",
    "coat fox": "b5602a a8562a c06e34",
    "coat bear": "4a3424 2a201c 6b4a30 e8e4da",
    "coat giraffe": "c99a5a b98a4c d0a868",
    "coat bird": "2a2c30 e8e6e2 6b5a48 8a8d90 3a5a7a b0503a c9b48a",
    "coat fish": "f08a2a e8c83a 5a8ab0 d8d8d4 c8402a 3a6a5a 8a94a0 f0e6d0",
    "horn": "d9cfb4 b8a888 8a7a60",
    "apple": "b0201e 8a9a2a c8402a a8b83a 9a1a20 d0902e",
    "pear": "a8a83a b8b048 8f9a30 c9a84a",
    "orange": "e8861a f09a24 e07a18",
    "lemon": "f0d024 e8c81e f4da3a",
    "tomato": "c0281a d0341e b02018",
    "banana": "e8c83a f0d24a d8b42e",
    "crust": "a86a2e b87a3a 8f5624 c48a4a",
    "crumb": "c99a5e 6b3f22 e0bc84 4a2a18 d8a868",
    "cream": "f6efe0 f0d9d0 6b3f28 f4e6c0 e8b0b8 fbf8f2",
    "glaze": "f0a0b8 5a3018 f4ede0 8a4a24 d86a8a a0d0c8",
    "berry": "b01828 8a1030 2a2a5a c82030",
    "drink": "3a2012 5a3018 2a160c 8a5424 c88a3a 7a4020 e8dcc8",
    "wax": "f2ead6 e8dcc0 b03030 f6f2ea 3a5a4a c9a878",
    "sail": "f4f0e6 e9e2d2 d8d4cc c84a3a f6f4f0",
    "flag": "b3202a 1f3f8a f4f2ec 1f7a3f e8c22a 202022 f4f2ec c8102e 2a6fb0 e07a1f",
    "hull": "f2f2ee 2a4a6e 8a1f1f e0d8c4 1f2a34 2f6a5a 8a5a34",
}


def linear(srgb: np.ndarray) -> np.ndarray:
    """sRGB values in [0, 1] as linear light."""
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def colour(rng: np.random.Generator, name: str, vary: float = 0.08) -> np.ndarray:
    """A linear albedo (3,) of the palette `name`, its lightness varied by about `vary` and its hue by a third of it."""
    names = PALETTES[name].split()
    code = names[int(rng.integers(len(names)))]
    srgb = np.array([int(code[i : i + 2], 16) for i in (0, 2, 4)]) / 255.0
    found = linear(srgb) * np.exp(rng.normal() * vary) * np.exp(rng.normal(size=3) * vary / 3)
    return np.clip(found, 0.02, 0.9)
