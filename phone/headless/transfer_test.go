package headless_test

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/headless"
)

// TestOfSeveralTransfersTheOneOfTheCurrentCallIsMeant: nobody is called whom the command might not have meant.
func TestOfSeveralTransfersTheOneOfTheCurrentCallIsMeant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, out := newStage(t, answered), &output{}
		in, writer := io.Pipe()
		done := make(chan error)
		go func() { done <- headless.Run(t.Context(), s.op, in, out, headless.Options{}) }()
		line := s.signalling.Line("1001")
		say := func(text string) map[string]any {
			_, _ = io.WriteString(writer, text+"\n")
			synctest.Wait()
			r := replies(out.objects(t))
			return r[len(r)-1]
		}
		for i, target := range []string{"sip:5550142@pbx.example", "sip:5550143@pbx.example"} {
			say("call 60" + string(rune('0'+i)))
			time.Sleep(2 * time.Second)
			synctest.Wait()
			line.Post(phone.ReferIn{Dialog: phone.DialogID(s.op.Snapshot().Current), Target: target})
			synctest.Wait()
		}
		say("accept-transfer")
		if calls := s.op.Snapshot().Calls; len(calls) != 3 || calls[2].Number != "5550143" {
			t.Fatalf("%+v", calls)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		line.Post(phone.ReferIn{Dialog: phone.DialogID(s.op.Snapshot().Calls[1].ID), Target: "sip:5550144@pbx.example"})
		synctest.Wait()
		if r := say("accept-transfer"); r["ok"] != false || r["code"] != float64(-211) {
			t.Errorf("two ask, in calls in the background: %v", r)
		}
		_, _ = io.WriteString(writer, "quit\n")
		_ = writer.Close()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// TestATransferByTheFarEndIsAskedAboutAndDecidedByAVerb.
func TestATransferByTheFarEndIsAskedAboutAndDecidedByAVerb(t *testing.T) {
	for verb, want := range map[string]string{
		"accept-transfer":  `"event":"newRTCSession","call":`,
		"decline-transfer": `"event":"transferRequestEnded"`,
	} {
		synctest.Test(t, func(t *testing.T) {
			s, out := newStage(t, answered), &output{}
			in, writer := io.Pipe()
			done := make(chan error)
			go func() { done <- headless.Run(t.Context(), s.op, in, out, headless.Options{}) }()
			_, _ = io.WriteString(writer, "call 600\n")
			synctest.Wait()
			id := s.op.Snapshot().Calls[0].ID
			s.signalling.Line("1001").Post(phone.ReferIn{Dialog: phone.DialogID(id), Target: "sip:5550142@pbx.example", Name: "Tom"})
			synctest.Wait()
			if !strings.Contains(out.String(), `"event":"transferRequest","call":"`+string(id)+`"`) ||
				!strings.Contains(out.String(), `"target":"5550142","targetName":"Tom","by":"600"`) {
				t.Fatal(out)
			}
			_, _ = io.WriteString(writer, verb+"\n")
			synctest.Wait()
			r := replies(out.objects(t))
			if last := r[len(r)-1]; last["reply"] != verb || last["ok"] != true || !strings.Contains(out.String(), want) {
				t.Errorf("%v in %s", last, out)
			}
			if accepted := strings.Contains(out.String(), `"number":"5550142"`); accepted != (verb == "accept-transfer") {
				t.Error(out)
			}
			_, _ = io.WriteString(writer, "quit\n")
			_ = writer.Close()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
}
