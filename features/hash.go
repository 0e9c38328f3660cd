package features

import (
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
)

// Terms are looked up by 64-bit hashes of their normalised bytes, so that the
// path from text to columns needs neither strings nor a map. The hash is a
// multiply-and-fold mix of the kind that wyhash introduced: each step folds
// the 128-bit product of two words. It is fixed for ever, because fitted
// vectorizers are stored with their hashes implied by their terms, and it gives
// the same value on every platform.

const (
	hashK0 = 0xa0761d6478bd642f
	hashK1 = 0xe7037ed1a0b428db
	hashK2 = 0x8ebc6af09c88c6e3
)

// hashPad is the number of readable bytes that hashBytes needs behind the
// bytes that it hashes.
const hashPad = 8

func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// hashBytes hashes b[start:end]. At least hashPad further bytes must follow in
// b; their values do not matter.
func hashBytes(b []byte, start, end int, seed uint64) uint64 {
	n := uint64(end - start)
	h := n ^ hashK1 ^ seed
	for end-start > 8 {
		h = mix(binary.LittleEndian.Uint64(b[start:])^hashK0, h)
		start += 8
	}
	if start == end {
		return mix(hashK0, h)
	}
	v := binary.LittleEndian.Uint64(b[start:]) & (^uint64(0) >> (64 - 8*uint(end-start)))
	return mix(v^hashK0, h)
}

// slotKey decides where hashes stand in look-up tables, and nothing else: no
// result depends on it. The program draws it when it starts, or who wrote a text
// or a model file could choose terms that all want the same places, so that every
// look-up walks past all of them. It is odd.
var slotKey = rand.Uint64() | 1

// slotOf returns the place of a hash in a table, of which the caller takes the
// lower bits. All bits of the hash decide on them: the lower half of the product
// brings in the lower ones, the upper half the others.
func slotOf(hash uint64) uint64 { return mix(hash, slotKey) }

// hashJoin gives the hash of an n-gram from that of its first n-1 words and
// that of its last.
func hashJoin(front, last uint64) uint64 { return mix(front^hashK1, last^hashK0) }

// blockSeed keeps the terms of one block apart from equal terms of another.
func blockSeed(block int) uint64 {
	if block == 0 {
		return 0
	}
	return mix(uint64(block)+hashK2, hashK0)
}
