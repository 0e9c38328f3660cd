//go:build race

package features_test

// raceDetector: sync.Pool drops some of what it is given, at random, so that
// there are allocations.
const raceDetector = true
