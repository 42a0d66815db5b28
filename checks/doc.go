// Package checks says what a check is: which source of state it watches, what it expects of that state, and how it
// explains itself when the expectation is not met. Everything here is pure: a Snapshot goes in, a Result comes out.
// All I/O that fills a Snapshot lives in runner/observe.
package checks
