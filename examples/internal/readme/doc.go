// Package readme runs the commands of the repository's README, as somebody would
// who reads it for the first time. It has a test and nothing else.
package readme
