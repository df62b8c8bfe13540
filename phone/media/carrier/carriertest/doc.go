// Package carriertest stands at a media.Transport's two sides for the tests of those that there are.
//
//	test ──Offer, Answer, Remote──▶ End ──▶ Transport ◀──packets──▶ Transport ◀── End ◀── test
//	test ◀──descriptions, agreements, packets── End (as TransportSink)
package carriertest
