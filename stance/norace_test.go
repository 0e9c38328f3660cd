//go:build !race

package stance_test

const raceDetector = false
