package headless_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/headless"
	"github.com/hookswitch/hookswitch/phone/phonetest"
)

// registering makes a registrar that answers so.
func registering(done phone.RegisterDone) func(*stage, *headless.Examination) {
	return func(s *stage, _ *headless.Examination) {
		s.signalling.AutoRegister = false
		s.signalling.React = func(line *phonetest.Line, r phonetest.Record) {
			if strings.HasPrefix(r.Text, "Register") {
				line.Post(done)
			}
		}
	}
}

// refusing makes a far end that refuses every call so.
func refusing(refused phone.Refused) func(*stage, *headless.Examination) {
	return func(s *stage, _ *headless.Examination) {
		s.signalling.React = func(line *phonetest.Line, r phonetest.Record) {
			if invite, ok := r.Value.(phone.InviteOut); ok {
				refused.Dialog, refused.At = invite.Dialog, time.Now()
				line.Post(refused)
			}
		}
	}
}

// unreachable makes a server that is not reached, for a reason that the network tells.
func unreachable(cause phone.Cause, why error) func(*stage, *headless.Examination) {
	return func(s *stage, x *headless.Examination) {
		registering(phone.RegisterDone{Cause: cause})(s, x)
		x.Reach = func(_ context.Context, a phone.Account) error {
			if a.URI != "sip:1001@pbx.example" {
				return fmt.Errorf("asked for %s", a.URI)
			}
			return why
		}
	}
}

// TestAFaultIsToldWithItsStatusAndWhatToDo: each sentence names what happened, the SIP status and the next step.
func TestAFaultIsToldWithItsStatusAndWhatToDo(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(*stage, *headless.Examination)
		want    headless.Reason
		status  int
		says    []string
	}{
		"401": {registering(phone.RegisterDone{Status: 401, Reason: "Unauthorized", Cause: phone.CauseAuthentication}), headless.ReasonAuthentication, 401, []string{"password", "SIP status 401 Unauthorized", "Check both"}},
		"403": {registering(phone.RegisterDone{Status: 403, Reason: "For\x1b[31mbidden", Cause: phone.CauseRejected}), headless.ReasonForbidden, 403, []string{"SIP status 403 For[31mbidden", "log"}},
		"404": {registering(phone.RegisterDone{Status: 404, Cause: phone.CauseNotFound}), headless.ReasonUserUnknown, 404, []string{"(SIP status 404)", "Check user and domain"}},
		"503": {registering(phone.RegisterDone{Status: 503, Cause: phone.CauseServer}), headless.ReasonRegistration, 503, []string{"503", "try again later"}},
		"302": {registering(phone.RegisterDone{Status: 302, Cause: phone.CauseRedirected}), headless.ReasonRegistration, 302, []string{"another", "302"}},
		"423": {registering(phone.RegisterDone{Status: 423, Cause: phone.CauseSIP}), headless.ReasonRegistration, 423, []string{"423", "-trace"}},
		"no name": {unreachable(phone.CauseConnection, fmt.Errorf("x: %w", &net.DNSError{Err: "no such host", IsNotFound: true})), headless.ReasonNameUnknown, 0,
			[]string{"Nobody knows the name pbx.example", "Check its spelling"}},
		"no name server": {unreachable(phone.CauseConnection, &net.DNSError{Err: "i/o timeout", IsTimeout: true}), headless.ReasonNameUnknown, 0, []string{"i/o timeout", "network"}},
		"closed port":    {unreachable(phone.CauseConnection, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}), headless.ReasonUnreachable, 0, []string{"nothing listens", "Check port and transport"}},
		"no way":         {unreachable(phone.CauseConnection, &net.OpError{Op: "dial", Err: syscall.EHOSTUNREACH}), headless.ReasonUnreachable, 0, []string{"firewall"}},
		"not SIP":        {unreachable(phone.CauseConnection, nil), headless.ReasonUnreachable, 0, []string{"port and transport"}},
		"silent":         {unreachable(phone.CauseRequestTimeout, nil), headless.ReasonUnreachable, 0, []string{"did not answer REGISTER", "firewall"}},
		"expired":        {registering(phone.RegisterDone{Cause: phone.CauseCertificateExpired}), headless.ReasonCertificate, 0, []string{"out of date", "Renew"}},
		"other name":     {registering(phone.RegisterDone{Cause: phone.CauseCertificateName}), headless.ReasonCertificate, 0, []string{"another name", "address right"}},
		"not trusted":    {registering(phone.RegisterDone{Cause: phone.CauseCertificate}), headless.ReasonCertificate, 0, []string{"authority", `"ca"`}},
		"media refused": {refusing(phone.Refused{Status: 488, Reason: "Not Acceptable Here", Cause: phone.CauseIncompatibleSDP}), headless.ReasonMediaRefused, 488,
			[]string{"SIP status 488 Not Acceptable Here", `"encryption"`}},
		"call forbidden": {refusing(phone.Refused{Status: 403, Cause: phone.CauseRejected}), headless.ReasonForbidden, 403, []string{"403", "dial plan"}},
		"no such number": {refusing(phone.Refused{Status: 404, Cause: phone.CauseNotFound}), headless.ReasonNumber, 404, []string{"600", "404", "-number"}},
		"call password":  {refusing(phone.Refused{Status: 407, Cause: phone.CauseAuthentication}), headless.ReasonAuthentication, 407, []string{"407", "realm"}},
		"busy":           {refusing(phone.Refused{Status: 486, Cause: phone.CauseBusy}), headless.ReasonCallFailed, 486, []string{"Busy", "486", "-number"}},
		"PBX in trouble": {refusing(phone.Refused{Status: 500, Cause: phone.CauseServer}), headless.ReasonCallFailed, 500, []string{"500", "log"}},
		"large INVITE":   {refusing(phone.Refused{Cause: phone.CauseRequestTimeout}), headless.ReasonCallFailed, 0, []string{"UDP", "tls"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := examine(t, 10, 1, c.prepare)
			last := r.Checks[len(r.Checks)-1]
			if r.OK || r.Reason != c.want || r.Status != c.status || last.Status != c.status || last.Text != r.Text {
				t.Errorf("report = %+v, want %s, %d", r, c.want, c.status)
			}
			for _, part := range c.says {
				if !strings.Contains(r.Text, part) {
					t.Errorf("%q lacks %q", r.Text, part)
				}
			}
		})
	}
}

func TestSoundInOneDirectionIsToldWithWhatCameAndWent(t *testing.T) {
	r := examine(t, 10, 0, nil)
	if !strings.Contains(r.Text, "only one way: 10 packets came") {
		t.Errorf("report = %+v", r)
	}
}

func TestTheReasonWhyAServerIsNotReachedIsTheNetworksOwn(t *testing.T) {
	open, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = open.Close() }()
	gone, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := gone.Addr().String()
	if err := gone.Close(); err != nil {
		t.Fatal(err)
	}
	for server, want := range map[string]string{
		"tcp:" + open.Addr().String(): "<nil>", "tls:" + open.Addr().String() + ";lr": "<nil>", "ws://" + open.Addr().String() + "/ws": "<nil>",
		"wss://" + closed + "/ws": "connection refused", "tcp:" + closed: "connection refused", "udp:127.0.0.1:9": "<nil>", "udp:pbx.invalid": "lookup pbx.invalid",
	} {
		if err := headless.ReachServer(t.Context(), phone.Account{URI: "sip:1001@pbx.invalid", Server: server}); !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%s: %v", server, err)
		}
	}
	if err := headless.ReachServer(t.Context(), phone.Account{URI: "sip:1001@pbx.invalid"}); !strings.Contains(fmt.Sprint(err), "pbx.invalid") {
		t.Errorf("an unknown domain: %v", err)
	}
}
