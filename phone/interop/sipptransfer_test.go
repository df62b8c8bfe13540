//go:build linux

package interop

import (
	"testing"

	"github.com/hookswitch/hookswitch/phone"
)

// lastWord skips to the last word about a transfer of ours.
func (s *scenario) lastWord() phone.ReferProgress {
	s.Helper()
	for {
		if p := wait[phone.ReferProgress](s); p.Final {
			return p
		}
	}
}

// sendOn calls and asks for a transfer.
func (s *scenario) sendOn() {
	s.Helper()
	s.call()
	wait[phone.Accepted](s)
	s.line.Refer(ourCall, "sip:602@127.0.0.1", phone.ReplacedDialog{})
}

// failingTransfers are the last sipfrags of transfers that fail, and what they are told as.
var failingTransfers = map[string]phone.ReferProgress{
	"SIP/2.0 486 Busy Here":                 {Dialog: ourCall, Final: true, Status: 486, Cause: phone.CauseBusy},
	"SIP/2.0 404 Not Found":                 {Dialog: ourCall, Final: true, Status: 404, Cause: phone.CauseNotFound},
	"SIP/2.0 603 Decline":                   {Dialog: ourCall, Final: true, Status: 603, Cause: phone.CauseRejected},
	"SIP/2.0 503 Service Unavailable":       {Dialog: ourCall, Final: true, Status: 503, Cause: phone.CauseServer},
	"SIP/2.0 180 Ringing, and no word more": {Dialog: ourCall, Final: true, Status: 180, Cause: phone.CauseSIP},
	"not SIP at all":                        {Dialog: ourCall, Final: true, Cause: phone.CauseSIP},
}

func TestSIPpIsTransferred(t *testing.T) {
	t.Run("and arrives", func(t *testing.T) {
		proves(t, "SIPp", "blind transfer")
		s := sipp(t, "refer-ours")
		s.sendOn()
		if p := s.lastWord(); p.Status != 200 || p.Cause != phone.CauseNone {
			t.Errorf("%+v", p)
		}
		s.line.End(ourCall, 0)
		s.complete()
	})
	for frag, want := range failingTransfers {
		t.Run(frag, func(t *testing.T) {
			proves(t, "SIPp", "blind transfer")
			s := sipp(t, "refer-ours-fails", "FRAG", frag)
			s.sendOn()
			if p := s.lastWord(); p != want {
				t.Errorf("%+v, want %+v", p, want)
			}
			wait[phone.DialogEnded](s)
			s.complete()
		})
	}
	t.Run("and will not", func(t *testing.T) {
		proves(t, "SIPp", "blind transfer")
		s := sipp(t, "refer-ours-refused")
		s.sendOn()
		if p := s.lastWord(); p.Status != 603 || p.Cause != phone.CauseRejected {
			t.Errorf("%+v", p)
		}
		wait[phone.DialogEnded](s)
		s.complete()
	})
}

func TestSIPpTransfersUs(t *testing.T) {
	proves(t, "SIPp", "transfers us")
	s := sipp(t, "refer-theirs")
	s.call()
	wait[phone.Accepted](s)
	if r := wait[phone.ReferIn](s); r.Target != "sip:602@127.0.0.1" || r.Name != "Tom" || r.Replaces != "a;to-tag=b;from-tag=c" || r.ReferredBy == "" {
		t.Errorf("%+v", r)
	}
	s.line.ReferTell(ourCall, 180)
	wait[phone.InfoIn](s) // which says that it knows that
	s.line.ReferTell(ourCall, 200)
	wait[phone.DialogEnded](s)
	s.complete()
}

func TestSIPpTakesThePlaceOfACall(t *testing.T) {
	proves(t, "SIPp", "attended transfer")
	s := sipp(t, "replaces")
	first := s.called()
	s.line.Answer(first.Dialog, []byte(plainSDP))
	wait[phone.Acked](s)
	second := wait[phone.InviteIn](s)
	if second.Replaces != first.Dialog {
		t.Errorf("%+v", second)
	}
	s.line.Answer(second.Dialog, []byte(plainSDP))
	wait[phone.Acked](s)
	s.line.End(first.Dialog, 0)
	wait[phone.DialogEnded](s)
	wait[phone.DialogEnded](s)
	s.complete()
}
