// Package interop holds tests only: Hookswitch against real peers on loopback, as a user would meet them.
//
//	           SIP over WS, WSS, TCP, UDP                     SIP over WS
//	Hookswitch ─────────────────────────── Kamailio ─────────────────────── Chromium with JsSIP
//	(this process, or bin/hookswitch)      digest, registrar,               a page of ours, driven
//	   │                                   proxy                            over DevTools
//	   └───────────────────── ICE, DTLS-SRTP, Opus ──────────────────────────────┘
//	virtual microphone: a tone                                    Web Audio: oscillator and analyser
//
// Desk phones stand at the same Kamailio, or alone: baresip and linphone, with RTP, SDES or DTLS-SRTP without ICE, linphone
// with ICE too. Their microphone is a file with a tone, and what they decode goes into another file (farphone_test.go). An
// rtpengine may stand between the media of both sides (gateway_test.go).
//
// NATs, firewalls and the relays that lead through them stand in network namespaces (network_test.go, coturn_test.go,
// nat_test.go), where the program runs as a whole.
//
// The fixtures (kamailio_test.go, rtpengine_test.go, browser_test.go, baresip_test.go, linphone_test.go, screen_test.go)
// start each peer on free ports, know by a condition when it is ready, keep its log for a failure's report, and end it by
// its process group. Kamailio, rtpengine and JsSIP come from .cache, filled by `make test`; where they are missing the tests are skipped, but fail when HOOKSWITCH_PEERS is
// "required" or CI is set.
package interop
