// Package phonetest holds fakes of the operator's ports and a recorder of its events, for
// the tests of package phone and of every room that drives an operator.
//
//	test ──Post(SignalEvent)──▶ Line ───sink──▶ operator ──Event──▶ Recorder ──WaitFor──▶ test
//	test ──Post(MediaEvent)───▶ Media ──sink──▶    │
//	test ◀──WaitFor, Texts──── Journal ◀──record── Line, Media ◀──port calls── operator
//
// Both fakes write into one [Journal], so that a test can check the order between signalling and
// media. All waiting goes through channels and timers: everything works inside a
// testing/synctest bubble, as long as the fakes are made inside the same bubble.
package phonetest
