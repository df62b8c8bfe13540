package phone

import (
	"context"
	"image"
)

// pictures is what is wanted of a session's video, and what came of it. What was negotiated is in Call.Video and Call.Camera.
//
//	ours wanted (on)    the camera's picture is to be seen by them, and theirs by us
//	theirs taken (sees) they offered video in mid-call: it is seen, and our camera stays off until the user says otherwise
//	neither             no video: the line is dropped, or what they offer with the call is refused
type pictures struct {
	on, sees bool
	asked    bool // ours, in the exchange under way or the last one
	theirs   bool // that exchange answers an offer of theirs
	again    bool // a new offer is wanted though nothing changes
}

// SetVideo adds video to a call (contract, audioToVideo) or drops it (videoToAudio), with a re-INVITE; Call.VideoPending until
// it is answered. What the far end refuses is wanted no more. Where they have added video already, on shows them ours.
// Errors: ErrCallNotFound, ErrInvalidState before the call stands, ErrNoCamera, ErrNotSupported where the account's media does not
// go by ICE (MediaWebRTC).
func (o *Operator) SetVideo(ctx context.Context, id CallID, on bool) error {
	if err := canceled(ctx); err != nil {
		return err
	}
	return o.with(id, func(l *loop, s *session) error {
		if s.call.State != StateTalking {
			return ErrInvalidState
		}
		if on {
			if err := l.mayFilm(s.line); err != nil {
				return err
			}
		}
		l.wishVideo(s, on)
		return nil
	})
}

// Renegotiate offers the session anew as it is wanted now, by a re-INVITE (contract, renegotiate). Errors: ErrCallNotFound,
// ErrInvalidState before the call stands.
func (o *Operator) Renegotiate(ctx context.Context, id CallID) error {
	if err := canceled(ctx); err != nil {
		return err
	}
	return o.talking(id, func(l *loop, s *session) {
		s.pictures.again = true
		l.reconcile(s)
	})
}

// Frame is the newest picture of a call: theirs (far), else ours as they are sent it (contract, remoteStream and localStream); nil
// where there is none. It must not be changed; serial tells one from the next. It may be polled from any goroutine.
func (o *Operator) Frame(id CallID, far bool) (picture *image.YCbCr, serial uint64) {
	return o.l.cfg.Media.Frame(id, far)
}

// mayFilm: why our picture cannot go over that account.
func (l *loop) mayFilm(a *account) error {
	switch {
	case !l.cfg.Devices.HaveCamera():
		return ErrNoCamera
	case !a.pictures():
		return ErrNotSupported
	}
	return nil
}

// pictures reports whether any can go over the account.
func (a *account) pictures() bool { return a.acc.MediaPolicy() == MediaWebRTC }

// wishVideo changes the wish; the reconciler does the rest.
func (l *loop) wishVideo(s *session, on bool) {
	if p := &s.pictures; p.on == on && (on || !p.sees) {
		return
	}
	s.pictures.on, s.pictures.sees = on, false
	l.change(s, func(c *Call) { c.VideoPending = true })
	l.reconcile(s)
}

// wish is what a description of ours is to say.
func (s *session) wish() MediaWish {
	return MediaWish{Hold: s.wantHold, Video: s.pictures.on, Watch: s.pictures.sees && !s.pictures.on}
}

// asOffered is noted before each exchange. What they offer in mid-call is seen; the camera is the user's alone.
func (s *session) asOffered(theirs bool, x exchange) {
	p := &s.pictures
	p.theirs, p.again = theirs, false
	if theirs && x == exchangeTheirs && !p.on && !s.call.VideoPending { // pending: the user has just dropped it
		p.sees = true
	}
	p.asked = p.on
}

// settleVideo takes over what an exchange left of the video.
func (s *session) settleVideo(c *Call, agreed bool) {
	p, had := &s.pictures, c.Video
	c.Video, c.Camera = agreed, agreed && p.asked
	if agreed {
		return
	}
	p.sees = false
	// Before the call stands another answer may follow; confirm looks at it. A new offer of theirs that has no video says that they
	// dropped it, where there was any; else it says nothing of what is wanted here.
	if s.call.State == StateTalking && p.asked && (had || !p.theirs) {
		p.on = false
	}
}

// videoSettled reports whether what is wanted is what is.
func (s *session) videoSettled() bool {
	p, c := &s.pictures, &s.call
	return p.on == c.Camera && (p.on || p.sees == c.Video) && !p.again
}

// restoreVideo: the far end refused our change, so the wish becomes what is.
func (s *session) restoreVideo() {
	s.pictures = pictures{on: s.call.Camera, sees: s.call.Video && !s.call.Camera}
}
