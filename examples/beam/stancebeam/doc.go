// Package stancebeam labels sentences with their stance toward the #MeToo
// movement in pipelines of Apache Beam, for collections that outgrow one
// machine.
//
//	records := beam.ParDo(s, &myReader{}, files) // PCollection<stancebeam.Record>
//	results, failures := stancebeam.Classify(s, records)
//	counts := stancebeam.CountByLabelAndDay(s, results)
//
// Any Beam program in Go can use the transforms, on any runner. The element
// types have coders of their own, so they may pass from worker to worker, but
// Classify needs no shuffle: a runner can fuse it with what comes before and
// after.
//
// # What it guarantees
//
// Every [Record] becomes exactly one [Result] or one [Failure], in the window
// and with the timestamp of the record. What makes a failure is the record
// alone, so a bundle that is tried again gives the same elements. The label and
// the probabilities are those that [stance.Model.Classify] gives, bit for bit,
// on every worker. The model is loaded once in a worker's process, however many
// bundles it works on, and every bundle shares it.
//
// # What it does not
//
// It reads and writes no files but the model's. It splits no text into
// sentences: see features.Sentences. A sentence is labelled by itself, without
// its neighbours, which may be on another worker. It does not log.
package stancebeam
