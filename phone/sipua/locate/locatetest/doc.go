// Package locatetest is for tests only: a name server on loopback that knows one zone.
//
//	test ── zone ──▶ NameServer ◀── questions, UDP and TCP ── package locate, or a whole phone
//	test ◀── Questions ──┘
package locatetest
