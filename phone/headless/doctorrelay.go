package headless

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// Relay is what became of one STUN or TURN server of the account.
type Relay struct {
	// URL is the server's, as the account has it.
	URL string
	// Mapped is our address and port as the server sees it, Relayed where it would relay to us; "" where it told none.
	Mapped, Relayed string
	RoundTrip       time.Duration
	// Err is nil where the server does what a call needs. Otherwise it wraps phone.ErrRelayAddress, ErrRelayUnreachable,
	// ErrRelayCertificate, ErrRelayRefused or, for one that was not asked, ErrNotSupported.
	Err error
}

// RelayReport is a Relay for machines.
type RelayReport struct {
	URL         string  `json:"url"`
	OK          bool    `json:"ok"`
	Reason      Reason  `json:"reason,omitempty"`
	Mapped      string  `json:"mapped,omitempty"`
	Relayed     string  `json:"relayed,omitempty"`
	RoundTripMs float64 `json:"roundTripMs,omitempty"`
}

// relays are what came of the account's servers, known when known is closed.
type relays struct {
	known chan struct{}
	list  []Relay
}

// askRelays begins to ask the servers; the registration does not wait for them.
func (x Examination) askRelays(ctx context.Context, id phone.AccountID) *relays {
	r := &relays{known: make(chan struct{})}
	if x.Relays == nil {
		close(r.known)
		return r
	}
	go func() {
		defer close(r.known)
		r.list = x.Relays(ctx, id)
	}()
	return r
}

// tell adds a check for each server to the report. None of them makes a report bad by itself: a call that finds its way
// without relays is a good one. Where it does not, noSound says so.
func (r *relays) tell(ctx context.Context, policy phone.MediaPolicy, report *Report) {
	select {
	case <-r.known:
	case <-ctx.Done():
		return
	}
	for _, relay := range r.list {
		reason, text := relaySentence(relay)
		report.Relays = append(report.Relays, RelayReport{relay.URL, relay.Err == nil, reason, relay.Mapped, relay.Relayed, milliseconds(relay.RoundTrip)})
		report.Checks = append(report.Checks, Check{Name: "relay", OK: true, Warning: relay.Err != nil, Reason: reason, Text: text})
	}
	if len(r.list) > 0 && policy != phone.MediaWebRTC {
		report.warn("relay", ReasonRelayUnused, "Calls do not use these servers: only WebRTC does (\"media\" is %s).", policy)
	}
}

// noSound is what to say where packets do not come: the relays' trouble, where there are some and none works.
func (r *relays) noSound(policy phone.MediaPolicy) (Reason, string) {
	const text = "The call was answered, but no sound comes back: no packet arrived within 5 s. "
	if policy == phone.MediaWebRTC {
		if slices.ContainsFunc(r.list, func(one Relay) bool { return one.Err == nil && one.Relayed != "" }) {
			return ReasonNoMedia, text + "A relay works. Does the PBX reach it, and does it send to where our SDP says?"
		}
		if i := slices.IndexFunc(r.list, func(one Relay) bool { return one.Err != nil }); i >= 0 {
			reason, why := relaySentence(r.list[i])
			return reason, text + "No relay works either. " + why
		}
	}
	return ReasonNoMedia, text + "A firewall or a router may block UDP. Open the PBX's RTP ports, check the address that its SDP tells, or name a relay (\"iceServers\", turn:)."
}

// relaySentence says what a server did, or what to do about it.
func relaySentence(r Relay) (Reason, string) {
	switch {
	case r.Err == nil && r.Relayed != "":
		seen := ""
		if r.Mapped != "" {
			seen = ", and sees us at " + r.Mapped
		}
		return ReasonNone, fmt.Sprintf("%s takes the password, relays at %s%s.", r.URL, r.Relayed, seen)
	case r.Err == nil:
		return ReasonNone, fmt.Sprintf("%s sees us at %s, after %.0f ms.", r.URL, r.Mapped, milliseconds(r.RoundTrip))
	case errors.Is(r.Err, phone.ErrRelayAddress):
		return ReasonRelayAddress, r.URL + " cannot be read. Write it like turn:turn.example:3478?transport=tcp."
	case errors.Is(r.Err, phone.ErrRelayRefused):
		return ReasonRelayRefused, r.URL + " refuses us" + because(r.Err, phone.ErrRelayRefused) + ". Check the relay's user name and password."
	case errors.Is(r.Err, phone.ErrRelayCertificate):
		return ReasonRelayCertificate, r.URL + " has a certificate that is not trusted" + because(r.Err, phone.ErrRelayCertificate) + ". Name its authority (\"ca\"), or renew it."
	case errors.Is(r.Err, phone.ErrNotSupported):
		return ReasonRelayUnchecked, r.URL + " was not asked: DTLS is not tried here."
	}
	if dns, ok := errors.AsType[*net.DNSError](r.Err); ok {
		return ReasonRelayUnreachable, fmt.Sprintf("%s has a name that nobody knows (DNS: %s). Check its spelling.", r.URL, dns.Err)
	}
	return ReasonRelayUnreachable, r.URL + " does not answer" + because(r.Err, phone.ErrRelayUnreachable) + ". Check address, port and transport, and the firewall between."
}

// because is what err says behind the documented error that it wraps, in brackets.
func because(err, documented error) string {
	if _, why, ok := strings.Cut(err.Error(), documented.Error()+": "); ok {
		return " (" + why + ")"
	}
	return ""
}
