package devices

import (
	"image"
	"sync"
)

// user is who a stream is opened for: one of the two is set.
type user struct {
	samples func([]int16)
	picture func(*image.YCbCr)
}

// gate lets the sound or the pictures of one device at a time through to the user, and nothing after it was closed.
type gate struct {
	user
	silence bool // samples are asked for, so who has no pass gets silence

	mu       sync.Mutex
	issued   int // the last pass handed out
	admitted int // the pass whose device is heard
	closed   bool
	trial    trial
	lostPass int // the newest pass whose device is gone, 0: none
}

// trial counts the calls of a device that is on probation.
type trial struct {
	pass   int
	left   int           // calls until it has proven itself
	proven chan struct{} // closed then
}

// trialCalls proves a device: a speaker asks for its buffer's worth at once, whether or not it then plays.
const trialCalls = 5

// try begins the probation of the device with this pass and returns what is closed when it has passed.
func (g *gate) try(pass int) (proven <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.trial = trial{pass: pass, left: trialCalls, proven: make(chan struct{})}
	return g.trial.proven
}

// next hands out the pass of a device that is about to be opened.
func (g *gate) next() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.issued++
	if g.admitted == 0 {
		g.admitted = g.issued // the first one is heard from its first sample
	}
	return g.issued
}

// admit makes pass the one that is heard.
func (g *gate) admit(pass int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.admitted = pass
}

// call passes samples on; a speaker that has no pass, for it is being replaced, gets silence.
func (g *gate) call(pass int, pcm []int16) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.admits(pass) {
		g.samples(pcm)
	} else if g.silence {
		clear(pcm)
	}
}

// show passes a picture on.
func (g *gate) show(pass int, picture *image.YCbCr) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.admits(pass) {
		g.picture(picture)
	}
}

// admits counts for the trial and reports whether the device with this pass is let through. g.mu is held.
func (g *gate) admits(pass int) bool {
	if pass == g.trial.pass && g.trial.left > 0 {
		if g.trial.left--; g.trial.left == 0 {
			close(g.trial.proven)
		}
	}
	return !g.closed && pass == g.admitted
}

// lose notes that the device with this pass is gone; it reports whether anybody should care.
func (g *gate) lose(pass int) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return false
	}
	g.lostPass = max(g.lostPass, pass)
	return true
}

// takeLoss reports, once, that the device that is heard is gone.
func (g *gate) takeLoss() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	gone := g.lostPass != 0 && g.lostPass == g.admitted
	g.lostPass = 0
	return gone
}

// close lets nothing through any more; when it returned, no call is under way.
func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
}
