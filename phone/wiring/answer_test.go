package wiring_test

import (
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/devices/virtual"
	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/demopbx"
	"github.com/hookswitch/hookswitch/phone/headless"
	"github.com/hookswitch/hookswitch/phone/wiring"
)

// loudness is the strongest 20 ms of a tone in the sound, as a share of full scale.
func loudness(pcm []int16, hz float64) (loudest float64) {
	const block = 960
	for ; len(pcm) >= block; pcm = pcm[block:] {
		var re, im float64
		for i, v := range pcm[:block] {
			sin, cos := math.Sincos(2 * math.Pi * hz * float64(i) / 48000)
			re, im = re+float64(v)*cos, im+float64(v)*sin
		}
		loudest = max(loudest, 2*math.Hypot(re, im)/block/math.MaxInt16)
	}
	return loudest
}

func TestWhoCallsAPhoneThatAnswersByItselfHearsABeep(t *testing.T) {
	for name, beep := range map[string]bool{"beep": true, "quiet": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pbx, err := demopbx.Start(t.Context(), demopbx.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer pbx.Close()
			ear := virtual.NewProbe("ear", "Ear")
			far := newPhone(t, pbx, 1, func(o *wiring.Options) {
				o.Probe, o.DeviceIDs = ear, phone.DeviceIDs{Microphone: "null", Speaker: "ear"}
			})
			defer far.Close()
			p := newPhone(t, pbx, 0, func(o *wiring.Options) {
				o.Quiet, o.DeviceIDs = false, phone.DeviceIDs{Microphone: "null", Speaker: "null"}
			})
			defer p.Close()
			in, end := io.Pipe()
			ran := make(chan error, 1)
			go func() {
				ran <- headless.Run(t.Context(), p.Operator, in, io.Discard, headless.Options{AutoAnswer: true, Beep: beep})
			}()
			registered := func(p *wiring.Phone) func() bool { return func() bool { return p.Operator.Snapshot().Registered() } }
			if err := far.Operator.Start(); err != nil {
				t.Fatal(err)
			}
			soon(t, "both are registered", func() bool { return registered(p)() && registered(far)() })
			if _, err := far.Operator.Call(t.Context(), phone.CallRequest{Number: "1001"}); err != nil {
				t.Fatal(err)
			}
			heard := func() bool { return loudness(ear.Heard().PCM, 1000) > 0.02 }
			if beep {
				soon(t, "the beep is heard", heard)
			} else {
				soon(t, "they talk", func() bool { c, _ := far.Operator.Snapshot().CurrentCall(); return c.State == phone.StateTalking })
				time.Sleep(time.Second)
				if heard() {
					t.Error("a beep is heard")
				}
			}
			_ = end.Close()
			if err := <-ran; err != nil {
				t.Error(err)
			}
		})
	}
}

// soon waits for something to become so.
func soon(t *testing.T, what string, so func() bool) {
	t.Helper()
	for limit := time.Now().Add(stepLimit); !so(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("not so: %s", what)
		}
	}
}

func TestWithoutAMicrophoneCommandsCallWithLeaveForSilenceOnly(t *testing.T) {
	for silence, want := range map[bool]string{false: `"code":-290,"error":"NOT_FOUND_AUDIO_INPUT_DEVICE"`, true: `"reply":"call","ok":true`} {
		pbx, err := demopbx.Start(t.Context(), demopbx.Options{})
		if err != nil {
			t.Fatal(err)
		}
		p := newPhone(t, pbx, 0, func(o *wiring.Options) { o.AllowSilence, o.DeviceIDs = silence, phone.DeviceIDs{Speaker: "null"} })
		var out strings.Builder
		if err := headless.Run(t.Context(), p.Operator, strings.NewReader("call 600\n"), &out, headless.Options{}); err != nil {
			t.Error(err)
		}
		if !strings.Contains(out.String(), want) || strings.Contains(out.String(), `"event":"confirmed"`) != silence {
			t.Errorf("silence allowed: %t, and this is said: %s", silence, out.String())
		}
		p.Close()
		pbx.Close()
	}
}

func TestAFlagThatWouldDoNothingIsRefused(t *testing.T) {
	if _, err := flagsOf(t, "-auto-answer").Window(t.Context(), strings.NewReader(""), io.Discard); err == nil || !strings.Contains(err.Error(), "-headless") {
		t.Errorf("-auto-answer with a window: %v", err)
	}
}
