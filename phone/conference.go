package phone

// mostMembers is how many calls a local conference joins at most, beside ourselves.
const mostMembers = 5

// Merge joins calls in the local conference (contract, isConference): each hears us and all others. There is one conference at
// a time; who is named beside one of its members joins it. Without names the current call is meant, and one call alone joins the
// conference that there is, else the current call, else the one that was held last. Members that were held are resumed, every other
// call is held. Our mute becomes that of the current call. A consultation call that joins is an ordinary call from then on.
//
// In a conference, Hold, Hangup and DTMF reach the one member that they name, Mute all of them. When one member is left it is
// an ordinary call. A member cannot be transferred before it was split off.
//
// Errors: ErrCallNotFound, ErrInvalidState (nothing to join, a call that does not talk or is being transferred, or another
// conference than that of the named calls exists), ErrMaxCalls (more than 5 members).
func (o *Operator) Merge(ids ...CallID) error {
	return o.do(func(l *loop) error { return l.merge(ids) })
}

// Split takes a call out of the conference and speaks with it alone: it becomes the current call, all others are held. With an
// empty id the whole conference comes apart: the current call goes on, the other members are held. ErrCallNotFound;
// ErrInvalidState where there is no conference, or the call is none of its members.
func (o *Operator) Split(id CallID) error {
	return o.do(func(l *loop) error { return l.split(id) })
}

// HoldConference holds every member; ErrInvalidState where there is no conference.
func (o *Operator) HoldConference() error {
	return o.conference(func(l *loop, members []*session) {
		for _, s := range members {
			l.wishHold(s, true)
		}
	})
}

// UnholdConference resumes every member and holds all other calls; ErrInvalidState where there is no conference.
func (o *Operator) UnholdConference() error {
	return o.conference(func(l *loop, members []*session) { l.resumeTogether(members) })
}

// HangupConference hangs up every member, as the hook of a telephone does; ErrInvalidState where there is no conference.
func (o *Operator) HangupConference() error {
	return o.conference(func(l *loop, members []*session) {
		for _, s := range members {
			l.hangup(s, 0)
		}
	})
}

func (o *Operator) conference(f func(*loop, []*session)) error {
	return o.do(func(l *loop) error {
		members := l.members()
		if len(members) == 0 {
			return ErrInvalidState
		}
		f(l, members)
		return nil
	})
}

// inConference reports whether the call is a member now. One that left by hanging up keeps its mark, for whoever tells of it.
func (s *session) inConference() bool { return s.call.Conference && s.call.State == StateTalking }

// members are the calls of the conference, in the order in which they began.
func (l *loop) members() (list []*session) {
	for _, s := range l.order {
		if s.inConference() {
			list = append(list, s)
		}
	}
	return list
}

func (l *loop) merge(ids []CallID) error {
	named, err := l.named(ids)
	if err != nil {
		return err
	}
	list, err := l.together(named)
	if err != nil {
		return err
	}
	muted := list[0].call.Muted
	if s := l.sessions[l.current]; among(list, s) {
		muted = s.call.Muted
	} else {
		l.setCurrent(list[0].call.ID)
	}
	for _, s := range list {
		l.join(s, muted)
	}
	l.resumeTogether(list)
	return nil
}

// named finds the calls that Merge names, and those that it means.
func (l *loop) named(ids []CallID) (list []*session, err error) {
	for _, id := range ids {
		s := l.sessions[id]
		if s == nil {
			return nil, ErrCallNotFound
		}
		list = append(list, s)
	}
	current := l.sessions[l.current]
	if len(list) == 0 && current != nil {
		list = append(list, current)
	}
	if len(list) != 1 || len(ids) > 1 {
		return list, nil
	}
	one := list[0]
	switch members := l.members(); {
	case len(members) > 0 && !one.inConference():
		return append(list, members[0]), nil
	case current != nil && !sameLine(current, one):
		return append(list, current), nil
	}
	if held := l.heldLast(one); held != nil {
		list = append(list, held)
	}
	return list, nil
}

// sameLine reports whether two are the same call or both in the conference.
func sameLine(a, b *session) bool { return a == b || a.inConference() && b.inConference() }

// heldLast is the call that we put on hold last, none of those beside but.
func (l *loop) heldLast(but *session) (last *session) {
	for _, s := range l.order {
		if s.call.State != StateTalking || !s.wantHold || s.transfer != nil || sameLine(s, but) {
			continue
		}
		// Not held yet means held only just now.
		if last == nil || s.call.HeldAt.IsZero() || !last.call.HeldAt.IsZero() && !s.call.HeldAt.Before(last.call.HeldAt) {
			last = s
		}
	}
	return last
}

// together checks whether the named calls may be one conference, and adds the members that there are already.
func (l *loop) together(named []*session) ([]*session, error) {
	var list []*session
	members := l.members()
	joins := len(members) == 0
	for _, s := range named {
		switch {
		case s.call.State != StateTalking || s.transfer != nil:
			return nil, ErrInvalidState
		case s.inConference():
			joins = true
		case !among(list, s):
			list = append(list, s)
		}
	}
	list = append(members, list...)
	switch {
	case !joins || len(list) < 2:
		return nil, ErrInvalidState
	case len(list) > mostMembers:
		return nil, ErrMaxCalls
	}
	return list, nil
}

func among(list []*session, s *session) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// join makes the call a member.
func (l *loop) join(s *session, muted bool) {
	if s.call.Muted != muted {
		l.cfg.Media.Mute(s.call.ID, muted)
	}
	if !s.call.Conference {
		l.cfg.Media.Mix(s.call.ID, true)
	}
	l.change(s, func(c *Call) {
		c.Conference, c.Muted = true, muted
		c.IsTransfer, c.TransferParent = false, TransferParent{}
	})
}

// leave makes a member an ordinary call again.
func (l *loop) leave(s *session) {
	l.cfg.Media.Mix(s.call.ID, false)
	l.change(s, func(c *Call) { c.Conference = false })
}

// endLonelyConference: one member alone is no conference any more.
func (l *loop) endLonelyConference() {
	if rest := l.members(); len(rest) == 1 {
		l.leave(rest[0])
	}
}

// resumeTogether speaks with all of the list, and with nobody else.
func (l *loop) resumeTogether(list []*session) {
	for _, s := range l.order {
		if s.call.State == StateTalking {
			l.wishHold(s, !among(list, s))
		}
	}
	if current := l.sessions[l.current]; !among(list, current) {
		l.setCurrent(list[0].call.ID)
	}
}

func (l *loop) split(id CallID) error {
	if id == "" {
		return l.dissolve()
	}
	s := l.sessions[id]
	switch {
	case s == nil:
		return ErrCallNotFound
	case !s.inConference():
		return ErrInvalidState
	}
	l.leave(s)
	l.endLonelyConference()
	l.resumeTogether([]*session{s})
	return nil
}

// dissolve ends the conference and no call.
func (l *loop) dissolve() error {
	members := l.members()
	if len(members) == 0 {
		return ErrInvalidState
	}
	for _, s := range members {
		l.leave(s)
		if s.call.ID != l.current {
			l.wishHold(s, true)
		}
	}
	return nil
}
