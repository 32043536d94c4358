# SPDX-License-Identifier: Apache-2.0
"""The partition of a key of one text column, as Spark places it: Murmur3 with its own way with the last bytes."""

SEED, WORD = 42, 0xFFFFFFFF


def partition_of(text, partitions):
    data = text.encode()
    hashed = SEED
    whole = len(data) - len(data) % 4
    for at in range(0, whole, 4):
        hashed = _mix(hashed, int.from_bytes(data[at:at + 4], "little"))
    for byte in data[whole:]:  # each as a signed number of its own
        hashed = _mix(hashed, (byte - 256 if byte > 127 else byte) & WORD)
    hashed ^= len(data)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        hashed = (hashed ^ hashed >> shift) * factor & WORD
    hashed ^= hashed >> 16
    return (hashed - (hashed >> 31 << 32)) % partitions


def _mix(hashed, word):
    word = word * 0xCC9E2D51 & WORD
    word = (word << 15 | word >> 17) & WORD
    hashed ^= word * 0x1B873593 & WORD
    hashed = (hashed << 13 | hashed >> 19) & WORD
    return (hashed * 5 + 0xE6546B64) & WORD
