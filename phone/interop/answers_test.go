//go:build linux

package interop

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// rungFor is an operator that is registered, for a ladder that stands by.
func rungFor(t *testing.T, name string, replaced ...string) *rung {
	t.Helper()
	t.Parallel()
	r := newRung(t)
	r.register()
	r.climb(name, replaced...)
	return r
}

// testChallenges: each request of a call answers one: INVITE, PRACK, UPDATE, INFO, re-INVITE, REFER and BYE.
func testChallenges(t *testing.T) {
	t.Run("each", func(t *testing.T) {
		r := rungFor(t, "auth-everywhere")
		proves(t, "SIPp", "proxy chains", "INFO digits")
		r.media.NoTelephoneEvent = true
		id := r.dial("600")
		r.await(phone.EventConfirmed)
		await(t, "the refresh is over", 20*time.Second, func() bool { return r.board.granted("> UPDATE", 2) })
		r.must(r.DTMF(id, "5"))
		await(t, "the digit went", 20*time.Second, func() bool { return r.board.granted("> INFO", 2) })
		r.must(r.Hold(id))
		r.holds("held", id, func(c phone.Call) bool { return c.HeldByUs && !c.HoldPending })
		r.must(r.BlindTransfer(context.Background(), id, "601"))
		r.told(r.await(phone.EventTransferFailed), map[string]any{"cause": "Busy", "status": 486.0})
		r.must(r.Hangup(id))
		r.complete()
	})
	t.Run("stale, and the next nonce", func(t *testing.T) {
		r := rungFor(t, "auth-stale")
		id := r.dial("600")
		r.await(phone.EventConfirmed)
		r.must(r.Hold(id))
		r.holds("held", id, func(c phone.Call) bool { return c.HeldByUs && !c.HoldPending })
		r.must(r.Hangup(id))
		r.complete()
	})
	t.Run("a wrong password", func(t *testing.T) {
		r := rungFor(t, "auth-refused")
		r.dial("600")
		r.told(r.await(phone.EventFailed), map[string]any{"cause": "Authentication Error", "status": 401.0, "reason": "Unauthorized"})
		r.complete()
	})
	for name, c := range map[string][3]string{
		"qop auth":     {`algorithm=MD5, qop="auth"`, `qop=auth, nc=00000001`, `opaque`},
		"qop auth-int": {`algorithm=MD5, qop="auth-int"`, `qop=auth-int, nc=00000001`, `opaque`},
		"qop of both":  {`qop="auth-int,auth", opaque="o"`, `opaque="o", .*qop=auth, nc=00000001`, `algorithm`},
		"no qop":       {`algorithm=MD5`, `response="[0-9a-f]{32}"`, `nc=|cnonce`},
	} {
		t.Run(name, func(t *testing.T) {
			r := rungFor(t, "auth-kind", "CHALLENGE", c[0], "WANTED", c[1], "UNWANTED", c[2])
			r.callIsEnded()
			r.complete()
		})
	}
}

// testRedirections: what a 3xx says is kept, and followed when the user calls there.
func testRedirections(t *testing.T) {
	for status, reason := range map[int]string{300: "Multiple Choices", 301: "Moved Permanently", 302: "Moved Temporarily"} {
		t.Run(reason, func(t *testing.T) {
			r := rungFor(t, "moved", "STATUS", strconv.Itoa(status)+" "+reason, "MOVED",
				"<sip:5550100@127.0.0.1>;q=0.1, <sip:5550199@127.0.0.1;user=phone?Subject=x>;q=0.9")
			proves(t, "SIPp", "redirects")
			r.dial("600")
			r.told(r.await(phone.EventFailed), map[string]any{"cause": "Redirected", "status": float64(status), "reason": reason, "redirect": "5550199"})
			r.complete()
			time.Sleep(time.Second) // between two calls of a user's
			if n := r.board.count("> INVITE"); n != 1 {
				t.Fatalf("%d INVITEs went without the user", n)
			}
			r.climb("moved-to")
			r.dialAgain("5550199")
			r.await(phone.EventConfirmed)
			r.complete()
		})
	}
	for name, c := range map[string]struct{ status, moved, cause string }{
		"use a proxy":      {"305 Use Proxy", "<sip:127.0.0.1:5070;lr>", "Redirected"},
		"to itself":        {"302 Moved Temporarily", "<sip:600@127.0.0.1>", "Loop Detected"},
		"to no phone":      {"302 Moved Temporarily", "<mailto:600@pbx.example>", "Redirected"},
		"to a hidden line": {"302 Moved Temporarily", "<sip:6%0d%0a00@127.0.0.1>", "Redirected"},
	} {
		t.Run(name, func(t *testing.T) {
			r := rungFor(t, "moved", "STATUS", c.status, "MOVED", c.moved)
			r.dial("600")
			r.told(r.await(phone.EventFailed), map[string]any{"cause": c.cause, "redirect": nil})
			r.complete()
		})
	}
}

// refusal is an answer of the world's, and what the API tells of it.
type refusal struct {
	status string
	cause  phone.Cause
	reason string // a Reason header
}

var refusals = []refusal{
	{"301 Moved Permanently", phone.CauseRedirected, ""}, {"302 Moved Temporarily", phone.CauseRedirected, ""},
	{"305 Use Proxy", phone.CauseRedirected, ""}, {"403 Forbidden", phone.CauseRejected, ""}, {"404 Not Found", phone.CauseNotFound, ""},
	{"408 Request Timeout", phone.CauseUnavailable, ""}, {"410 Gone", phone.CauseUnavailable, ""},
	{"415 Unsupported Media Type", phone.CauseSIP, ""}, {"420 Bad Extension", phone.CauseSIP, ""}, {"421 Extension Required", phone.CauseSIP, ""},
	{"423 Interval Too Brief", phone.CauseSIP, ""}, {"480 Temporarily Unavailable", phone.CauseUnavailable, ""},
	{"482 Loop Detected", phone.CauseLoop, ""}, {"484 Address Incomplete", phone.CauseAddress, ""}, {"486 Busy Here", phone.CauseBusy, ""},
	{"487 Request Terminated", phone.CauseCanceled, ""}, {"488 Not Acceptable Here", phone.CauseIncompatibleSDP, ""},
	{"500 Server Internal Error", phone.CauseServer, ""}, {"503 Service Unavailable", phone.CauseServer, ""},
	{"600 Busy Everywhere", phone.CauseBusy, ""}, {"603 Decline", phone.CauseRejected, ""},
	{"604 Does Not Exist Anywhere", phone.CauseNotFound, ""}, {"606 Not Acceptable", phone.CauseIncompatibleSDP, ""},
	{"503 Service Unavailable", phone.CauseBusy, "Reason: Q.850;cause=17"}, {"480 Temporarily Unavailable", phone.CauseNoAnswer, "Reason: Q.850;cause=19"},
	{"487 Request Terminated", phone.CauseUnavailable, "Reason: SIP;cause=408"}, {"500 Server Internal Error", phone.CauseNotFound, "Reason: Q.850;cause=1"},
}

// testRefusals: what each status of the world's answers is told as.
func testRefusals(t *testing.T) {
	for _, c := range refusals {
		t.Run(strings.TrimSpace(c.status+" "+c.reason), func(t *testing.T) {
			r := rungFor(t, "refused", "STATUS", c.status, "REASON", c.reason)
			proves(t, "SIPp", "every refusal told")
			code, phrase, _ := strings.Cut(c.status, " ")
			r.dial("600")
			e := r.await(phone.EventFailed)
			status, err := strconv.Atoi(code)
			r.must(err)
			want := map[string]any{"cause": string(c.cause), "status": float64(status), "reason": phrase, "retryAfter": 7.0}
			r.told(e, want)
			r.complete()
		})
	}
	t.Run("nobody answers", func(t *testing.T) {
		t.Parallel()
		r := newRung(t)
		r.register()
		r.dial("600")
		r.told(r.await(phone.EventFailed), map[string]any{"cause": "Request Timeout", "status": nil})
	})
}

// testRegistrationLater: a registration is tried again when the server says, by Retry-After on 503.
func testRegistrationLater(t *testing.T) {
	r := newRung(t)
	r.board.all = true
	r.climb("register-later")
	r.register()
	e := r.await(phone.EventRegistrationFailed)
	r.told(e, map[string]any{"cause": "Server Error", "status": 503.0, "reason": "Service Unavailable"})
	if next := r.Snapshot().Accounts[0].NextTry; next.Before(e.At.Add(2900 * time.Millisecond)) {
		t.Errorf("it failed at %v and would be tried again at %v", e.At, next)
	}
	r.await(phone.EventRegistered)
	r.complete()
}
