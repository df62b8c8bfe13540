//go:build linux

package interop

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/devices/pulsetest"
	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/wiring"
)

// The hardest room there is: the microphone hears the speaker as loud as it plays, through a real sound server.
func TestTheFarEndIsSparedItsEcho(t *testing.T) {
	longTest(t)
	sound := pulsetest.Start(t)
	sound.AddSpeaker("loud", "Loudspeaker")
	sound.AddMicrophoneAt("loud", "beside", "Microphone beside it")
	sound.KeepAwake("loud")
	sound.Use()
	pbx := startDemo(t)
	far := startOursWith(t, func(o *wiring.Options) { o.DeviceIDs.Microphone = "ear" }, wiring.DemoAccount(pbx, 1))
	far.awaitRegistered()
	near := startOursWith(t, func(o *wiring.Options) {
		o.NoHardware, o.Probe = false, nil
		o.DeviceIDs = phone.DeviceIDs{Microphone: "beside", Speaker: "loud", Ringer: "null"}
	}, wiring.DemoAccount(pbx, 0))
	near.awaitRegistered()
	id := near.dial(pbx.Account(1).User)
	far.must(far.Answer(context.Background(), far.awaitRinging(), phone.AnswerOptions{}))
	near.awaitState(id, phone.StateTalking)

	words := syllables(time.Second)
	for range 45 {
		far.ear.Say(words)
	}
	near.must(near.SetVoiceProcessing(false))
	echo := func() float64 {
		pcm := far.ear.Heard().PCM
		return pulsetest.Level(pcm[max(0, len(pcm)-len(words)):])
	}
	if !eventually(5*time.Second, func() bool { return echo() > pulsetest.Level(words)-3 }) {
		t.Fatalf("without processing the far end hears only %.1f dBFS of its %.1f", echo(), pulsetest.Level(words))
	}
	before := echo()
	near.must(near.SetVoiceProcessing(true))
	var after float64
	// Each time the sound server falters on a busy machine the echo's delay is another one, and is learnt anew.
	gone := eventually(25*time.Second, func() bool { after = echo(); return after < before-20 })
	t.Logf("the far end heard itself at %.1f dBFS, and then at %.1f", before, after)
	if !gone {
		t.Error("want 20 dB less")
	}
}

// syllables are something like speech: hums and hisses that are never alike.
func syllables(length time.Duration) []int16 {
	rng := rand.New(rand.NewPCG(1, 2))
	n := int(length * pulsetest.Rate / time.Second)
	out := make([]int16, 0, n+pulsetest.Rate)
	for len(out) < n {
		syllable := int((0.08 + 0.15*rng.Float64()) * pulsetest.Rate)
		pitch, formant := 100+120*rng.Float64(), 300+1500*rng.Float64()
		for i := range syllable {
			v := 0.4 * rng.NormFloat64()
			for k := 1.0; k < 24; k++ {
				v += math.Exp(-math.Abs(k*pitch-formant)/400) * math.Sin(2*math.Pi*k*pitch*float64(i)/pulsetest.Rate+k*k)
			}
			out = append(out, int16(max(-32000, min(32000, 2500*v*math.Sin(math.Pi*float64(i)/float64(syllable))))))
		}
	}
	return out[:n]
}
