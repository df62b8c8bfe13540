// Package pulsetest is for tests only: it starts a private PulseAudio server with devices that
// exist in memory, feeds tones to them and measures what comes out.
//
//	test ── Feed ──> pacat ──> sink "micA_sink" ──> source "micA" ──> program under test
//	                                                                        │
//	test <─ Record ─ parec <── "earA.monitor" <──── sink "earA" <───────────┘
//
// The server listens on a socket in the test's own folder, loads nothing of the user's
// configuration and is ended by its process id when the test ends. Where PulseAudio is not
// installed a test is skipped with a sentence; on a machine that says CI it fails.
package pulsetest
