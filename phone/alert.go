package phone

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Beeper is the part of Media that tells both sides of something.
type Beeper interface {
	// Beep plays one short tone to our ear and to the far end, as soon as sound passes, whatever is muted.
	Beep(leg CallID)
}

// The distinctive rings, after the five of Bellcore; ToneRing is the first of them.
const (
	ToneRing2 Tone = "ring-2" // two long
	ToneRing3 Tone = "ring-3" // two short and a long
	ToneRing4 Tone = "ring-4" // a short, a long, a short
	ToneRing5 Tone = "ring-5" // one short
)

// Rings reports whether the tone goes to the ringer device.
func (t Tone) Rings() bool { return t == ToneRing || strings.HasPrefix(string(t), "ring-") }

// mostAnswerDelay bounds how long a server may let an automatic answer wait.
const mostAnswerDelay = 30 * time.Second

// alerting is what an INVITE's headers ask of the phone. No address in them is ever fetched.
type alerting struct {
	auto  bool          // to be answered at once: an intercom
	must  bool          // by a person not at all (RFC 5373 §4.3)
	after time.Duration // how long it rings before
	ring  Tone          // ToneRing where nothing else is asked for
}

// alertingOf reads Alert-Info (RFC 3261 §20.4, RFC 7462, and what PBXs write there), Call-Info's answer-after, and
// Answer-Mode with Priv-Answer-Mode (RFC 5373). What it does not know means nothing.
func alertingOf(headers []Header) alerting {
	a := alerting{ring: ToneRing}
	for _, h := range headers {
		for value := range strings.SplitSeq(strings.ToLower(h.Value), ",") {
			main, params := cutParams(value)
			switch strings.ToLower(h.Name) {
			case "alert-info":
				a.readAlert(main, params)
			case "call-info":
				if after, asked := params["answer-after"]; asked {
					a.answerAfter(after)
				}
			case "answer-mode", "priv-answer-mode":
				_, must := params["require"]
				a.auto, a.must = a.auto || main == "auto", a.must || main == "auto" && must
			}
		}
	}
	return a
}

// readAlert reads one element of Alert-Info: an address in brackets, or a bare word, and its parameters.
func (a *alerting) readAlert(main string, params map[string]string) {
	names := []string{params["info"], main}
	after, given := params["answer-after"] // what belongs into Call-Info; some write it here
	if given || slices.ContainsFunc(names, asksForAnAnswer) {
		if !given {
			after = params["delay"]
		}
		a.answerAfter(after)
		return
	}
	for _, name := range names {
		if ring := ringNamed(name); ring != ToneNone {
			a.ring = ring
			return
		}
	}
}

func asksForAnAnswer(name string) bool {
	return name == "alert-autoanswer" || name == "auto answer" || name == "autoanswer"
}

func (a *alerting) answerAfter(seconds string) {
	a.auto = true
	switch n, err := strconv.ParseUint(seconds, 10, 31); {
	case err == nil:
		a.after = min(time.Duration(n)*time.Second, mostAnswerDelay)
	case errors.Is(err, strconv.ErrRange):
		a.after = mostAnswerDelay
	}
}

// ringNamed is the ring that a name stands for, ToneNone for none: the last word of an address counts.
func ringNamed(name string) Tone {
	name = name[strings.LastIndexByte(name, '/')+1:]
	switch name {
	case "bellcore-dr1", "alert-external", "urn:alert:source:external":
		return ToneRing
	case "bellcore-dr2", "alert-internal", "urn:alert:source:internal":
		return ToneRing2
	case "bellcore-dr3", "alert-group", "urn:alert:service:auto-callback":
		return ToneRing3
	case "bellcore-dr4", "alert-community-3", "urn:alert:priority:high":
		return ToneRing4
	case "bellcore-dr5", "alert-community-4", "urn:alert:priority:low":
		return ToneRing5
	}
	return ToneNone
}

// cutParams cuts "<main>;a=b;c" apart; names and values are those of a value in lower case.
func cutParams(value string) (main string, params map[string]string) {
	value = strings.TrimSpace(value)
	rest := ""
	if inside, found := strings.CutPrefix(value, "<"); found {
		main, rest, _ = strings.Cut(inside, ">")
	} else {
		main, rest, _ = strings.Cut(value, ";")
		if strings.Contains(main, "=") { // no address at all
			main, rest = "", value
		}
	}
	params = map[string]string{}
	for one := range strings.SplitSeq(rest, ";") {
		name, v, _ := strings.Cut(one, "=")
		if name = strings.TrimSpace(name); name != "" && len(params) < 16 {
			params[name] = strings.Trim(strings.TrimSpace(v), `"`)
		}
	}
	return strings.TrimSpace(strings.Trim(main, `"`)), params
}

// autoAnswerIfAsked answers an incoming call by itself where its server asks for that and its account allows it.
func (l *loop) autoAnswerIfAsked(s *session, asked alerting) {
	switch {
	case !asked.auto || !s.line.acc.AutoAnswer:
	case asked.after > 0:
		s.auto = l.after(asked.after, func(l *loop) { l.autoAnswer(s) })
	default:
		l.autoAnswer(s)
	}
}

// liveCalls counts the calls that occupy the phone.
func (l *loop) liveCalls() (n int) {
	for _, s := range l.order {
		if s.call.State != StateEnding {
			n++
		}
	}
	return n
}

// autoAnswer opens the microphone only where no other call is there: nobody is put on hold without asking.
func (l *loop) autoAnswer(s *session) {
	if !s.call.RingsHere() || l.liveCalls() > 1 {
		return
	}
	if err := l.answer(s.call.ID, AnswerOptions{Beep: true}); err != nil {
		l.log.Warn("not answered automatically", "err", err)
		return
	}
	l.change(s, func(c *Call) { c.AutoAnswered = true })
	l.emit(Event{Name: EventAutoAnswered, Call: s.call})
}
