# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers of a random stream, after src/numeric/random.h: Philox4x32-10 [SMDS11], and Gaussians by the
polar form of Box and Muller [BM58]. One by one, and in another way than there."""
import hashlib
import math

MASK = 0xffffffff


def key(purpose, material=b""):
    digest = hashlib.sha256(purpose.encode() + b"\0" + material).digest()
    return int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:8], "little")


def philox(counter, k):
    c, k = list(counter), list(k)
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [b >> 32 ^ c[1] ^ k[0], b & MASK, a >> 32 ^ c[3] ^ k[1], a & MASK]
        k = [(k[0] + 0x9E3779B9) & MASK, (k[1] + 0xBB67AE85) & MASK]
    return c


def word(k, stream, i):
    block = philox((i // 2 & MASK, i // 2 >> 32, stream & MASK, stream >> 32), k)
    return block[2 * (i & 1)] | block[2 * (i & 1) + 1] << 32


def signed(w):
    return w - (w >> 63 << 64)


def gauss(k, stream, i):
    first, turn = word(k, stream, i & ~1), word(k, stream, i | 1)
    s = signed(first | 1)
    log_u = math.log1p(s / 2.0 ** 64) if s < 0 else math.log(s / 2.0 ** 64)
    r = math.sqrt(-2 * log_u)
    angle = math.pi / 4 * signed((turn << 2 | 2) & 0xffffffffffffffff) / 2.0 ** 63
    pair = [r * math.cos(angle) * (-1 if turn >> 63 else 1), r * math.sin(angle)]
    return pair[i & 1 ^ turn >> 62 & 1]
