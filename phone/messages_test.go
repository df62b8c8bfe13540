package phone_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// message is what a line posts about a dialog.
type message struct {
	name string
	of   func(phone.DialogID) phone.SignalEvent
	// elsewhere: it is not about a call that is there, so that a dialog that nobody knows makes no difference.
	elsewhere bool
}

func messagesOfLines() []message { return slices.Concat(messagesOfSetUps(), messagesOfCalls()) }

func messagesOfSetUps() []message {
	type id = phone.DialogID
	type event = phone.SignalEvent
	sdp := []byte("theirs")
	invite := func(in phone.InviteIn) func(id) event {
		return func(d id) event {
			if in.Dialog == "" {
				in.Dialog = d
			}
			if in.Replaces != "" {
				in.Replaces = d
			}
			if in.SIPCallID == "" {
				in.SIPCallID = string(d)
			}
			in.From = phone.Party{Number: "556"}
			return in
		}
	}
	return []message{
		{"TransportUp", func(id) event { return phone.TransportUp{} }, true},
		{"TransportDown", func(id) event { return phone.TransportDown{Cause: phone.CauseConnection} }, true},
		{"RegisterDone 200", func(id) event { return phone.RegisterDone{Status: 200, Expires: time.Hour} }, true},
		{"RegisterDone 403", func(id) event { return phone.RegisterDone{Status: 403, Cause: phone.CauseRejected} }, true},
		{"InviteIn", invite(phone.InviteIn{Dialog: "in9", SIPCallID: "in9", SDP: sdp}), true},
		{"InviteIn of the same id", invite(phone.InviteIn{Dialog: "in9", SDP: sdp}), true},
		{"InviteIn of the same dialog", invite(phone.InviteIn{SIPCallID: "in9", SDP: sdp}), true},
		{"InviteIn without SDP", invite(phone.InviteIn{Dialog: "in9", SIPCallID: "in9"}), true},
		{"InviteIn that wants our offer", invite(phone.InviteIn{Dialog: "in9", SIPCallID: "in9", WantsOffer: true}), true},
		{"InviteIn with Replaces", invite(phone.InviteIn{Dialog: "in9", SIPCallID: "in9", Replaces: "it", SDP: sdp}), true},
		{"InviteIn with Replaces, without SDP", invite(phone.InviteIn{Dialog: "in9", SIPCallID: "in9", Replaces: "it"}), true},
		{"Progress 180", func(d id) event { return phone.Progress{Dialog: d, Status: 180, Fork: "a"} }, false},
		{"Progress 183", func(d id) event { return phone.Progress{Dialog: d, Status: 183, Fork: "a", SDP: sdp} }, false},
		{"Progress of another fork", func(d id) event { return phone.Progress{Dialog: d, Status: 183, Fork: "b", SDP: sdp} }, false},
		{"Accepted", func(d id) event { return phone.Accepted{Dialog: d, Fork: "a", SDP: sdp} }, false},
		{"Accepted of another fork", func(d id) event { return phone.Accepted{Dialog: d, Fork: "b", SDP: sdp} }, false},
		{"Accepted without SDP", func(d id) event { return phone.Accepted{Dialog: d, Fork: "a"} }, false},
		{"Refused 486", func(d id) event { return phone.Refused{Dialog: d, Status: 486, Cause: phone.CauseBusy} }, false},
		{"Refused 488", func(d id) event { return phone.Refused{Dialog: d, Status: 488} }, false},
		{"Refused 302", func(d id) event { return phone.Refused{Dialog: d, Status: 302, Redirect: "sip:608@pbx.example"} }, false},
		{"Refused by silence", func(d id) event { return phone.Refused{Dialog: d, Cause: phone.CauseRequestTimeout} }, false},
		{"Acked", func(d id) event { return phone.Acked{Dialog: d} }, false},
		{"Acked with SDP", func(d id) event { return phone.Acked{Dialog: d, SDP: sdp} }, false},
	}
}

func messagesOfCalls() []message {
	type id = phone.DialogID
	type event = phone.SignalEvent
	sdp := []byte("theirs")
	return []message{
		{"DialogEnded by them", func(d id) event { return phone.DialogEnded{Dialog: d, Cause: phone.CauseTerminated, ByThem: true} }, false},
		{"DialogEnded by us", func(d id) event { return phone.DialogEnded{Dialog: d, Cause: phone.CauseTerminated} }, false},
		{"DialogEnded without ACK", func(d id) event { return phone.DialogEnded{Dialog: d, Cause: phone.CauseNoAck} }, false},
		{"ReinviteIn", func(d id) event { return phone.ReinviteIn{Dialog: d, Fork: "a", SDP: sdp} }, false},
		{"ReinviteIn without SDP", func(d id) event { return phone.ReinviteIn{Dialog: d, Fork: "a"} }, false},
		{"ReinviteDone 200", func(d id) event { return phone.ReinviteDone{Dialog: d, Status: 200, SDP: sdp} }, false},
		{"ReinviteDone without SDP", func(d id) event { return phone.ReinviteDone{Dialog: d, Status: 200} }, false},
		{"ReinviteDone 488", func(d id) event { return phone.ReinviteDone{Dialog: d, Status: 488} }, false},
		{"ReinviteDone by silence", func(d id) event { return phone.ReinviteDone{Dialog: d, Cause: phone.CauseRequestTimeout} }, false},
		{"InfoDone 200", func(d id) event { return phone.InfoDone{Dialog: d, Status: 200} }, false},
		{"InfoDone 415", func(d id) event { return phone.InfoDone{Dialog: d, Status: 415} }, false},
		{"InfoIn", func(d id) event {
			return phone.InfoIn{Dialog: d, ContentType: "application/dtmf-relay", Body: []byte("Signal=5")}
		}, false},
		{"InfoIn of rubbish", func(d id) event { return phone.InfoIn{Dialog: d, ContentType: "/", Body: []byte{0, '='}} }, false},
		{"ReferIn", func(d id) event { return phone.ReferIn{Dialog: d, Target: "sip:608@pbx.example"} }, false},
		{"ReferIn to nowhere", func(d id) event { return phone.ReferIn{Dialog: d, Target: "\x00", Replaces: "/"} }, false},
		{"ReferProgress 180", func(d id) event { return phone.ReferProgress{Dialog: d, Status: 180} }, false},
		{"ReferProgress 200", func(d id) event { return phone.ReferProgress{Dialog: d, Status: 200, Final: true} }, false},
		{"ReferProgress 486", func(d id) event { return phone.ReferProgress{Dialog: d, Status: 486, Final: true} }, false},
		{"PartyIn", func(d id) event { return phone.PartyIn{Dialog: d, Party: phone.Party{Number: "608", Name: "Nora"}} }, false},
	}
}

// messagesOfLegs are what a leg posts.
func messagesOfLegs() map[string]func(phone.CallID) phone.MediaEvent {
	type id = phone.CallID
	type event = phone.MediaEvent
	failed := func(err error) func(id) event { return func(l id) event { return phone.MediaFailed{Leg: l, Err: err} } }
	return map[string]func(id) event{
		"LocalDescription":      func(l id) event { return phone.LocalDescription{Leg: l, SDP: []byte("ours")} },
		"RemoteApplied":         func(l id) event { return phone.RemoteApplied{Leg: l} },
		"MediaUp":               func(l id) event { return phone.MediaUp{Leg: l, NetworkType: "host"} },
		"MediaDown":             func(l id) event { return phone.MediaDown{Leg: l} },
		"MediaFailed":           failed(fmt.Errorf("spoilt: %w", phone.ErrLocalStream)),
		"MediaFailed: misfit":   failed(phone.ErrMediaIncompatible),
		"MediaFailed: rubbish":  failed(phone.ErrMediaMalformed),
		"MediaFailed: foreign":  failed(phone.ErrMediaElsewhere),
		"MediaFailed: anything": failed(errors.New("what nobody thought of")),
		"MediaTrouble":          func(l id) event { return phone.MediaTrouble{Leg: l, Err: phone.ErrRelayRefused} },
		"DeviceFailed":          func(l id) event { return phone.DeviceFailed{Leg: l, Kind: "microphone"} },
		"RemoteDigit":           func(l id) event { return phone.RemoteDigit{Leg: l, Digit: '5'} },
		"SoundMissing":          func(l id) event { return phone.SoundMissing{Leg: l, On: true} },
		"FirstPicture":          func(l id) event { return phone.FirstPicture{Leg: l} },
		"FirstSound":            func(l id) event { return phone.FirstSound{Leg: l} },
		"RecordStarted":         func(l id) event { return phone.RecordStarted{Leg: l, Take: 1, File: "call.opus"} },
		"RecordStarted: other":  func(l id) event { return phone.RecordStarted{Leg: l, Take: 99, File: "call.opus"} },
		"RecordGap":             func(l id) event { return phone.RecordGap{Leg: l, Take: 1} },
		"RecordEnded":           func(l id) event { return phone.RecordEnded{Leg: l, Take: 1, File: "call.opus"} },
		"RecordEnded: disk":     func(l id) event { return phone.RecordEnded{Leg: l, Take: 1, Err: phone.ErrRecordDiskFull} },
	}
}

// TestEveryMessageIsInTheTables reads from the source which messages there are.
func TestEveryMessageIsInTheTables(t *testing.T) {
	posted := map[string]map[string]bool{"signal": {}, "media": {}}
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		source, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range source.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil && posted[f.Name.Name] != nil {
				if receiver, ok := f.Recv.List[0].Type.(*ast.Ident); ok {
					posted[f.Name.Name][receiver.Name] = true
				}
			}
		}
	}
	signals, media := map[string]bool{}, map[string]bool{}
	for _, m := range messagesOfLines() {
		signals[reflect.TypeOf(m.of("d")).Name()] = true
	}
	for _, of := range messagesOfLegs() {
		media[reflect.TypeOf(of("d")).Name()] = true
	}
	if len(posted["signal"]) < 10 || !maps.Equal(posted["signal"], signals) || !maps.Equal(posted["media"], media) {
		t.Errorf("the source has\n%v\n%v\nthe tables\n%v\n%v", posted["signal"], posted["media"], signals, media)
	}
}
