package app

import (
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

func TestTheQualityIsJudgedByTheLastSeconds(t *testing.T) {
	good := phone.MediaStats{StreamStats: phone.StreamStats{PacketsReceived: 50, RemoteReceived: 50, Jitter: 5 * time.Millisecond}, RoundTrip: 40 * time.Millisecond}
	with := func(f func(*phone.MediaStats)) phone.MediaStats { s := good; f(&s); return s }
	for _, row := range []struct {
		name string
		each phone.MediaStats // of every second
		want string
	}{
		{"all arrives", good, "Good"},
		{"a little is lost", with(func(s *phone.MediaStats) { s.PacketsLost = 3 }), "Fair"},
		{"much is lost", with(func(s *phone.MediaStats) { s.PacketsLost = 10 }), "Bad"},
		{"much of ours is lost", with(func(s *phone.MediaStats) { s.RemoteLost = 10 }), "Bad"},
		{"it jitters", with(func(s *phone.MediaStats) { s.Jitter = 50 * time.Millisecond }), "Fair"},
		{"it is far away", with(func(s *phone.MediaStats) { s.RoundTrip = 700 * time.Millisecond }), "Bad"},
		{"hardly anything comes", with(func(s *phone.MediaStats) { s.PacketsReceived = 5 }), ""},
	} {
		var q quality
		sum := phone.MediaStats{StreamStats: phone.StreamStats{Jitter: row.each.Jitter}, RoundTrip: row.each.RoundTrip}
		for range 4 {
			q.add("c", sum)
			sum.PacketsReceived += row.each.PacketsReceived
			sum.RemoteReceived += row.each.RemoteReceived
			sum.PacketsLost += row.each.PacketsLost
			sum.RemoteLost += row.each.RemoteLost
		}
		if got := q.chip().Label; got != row.want {
			t.Errorf("%s: %q, not %q", row.name, got, row.want)
		}
	}
}

func TestABadMomentIsForgottenAndAnotherCallBeginsAnew(t *testing.T) {
	var q quality
	s := phone.MediaStats{}
	step := func(lost uint64) { s.PacketsReceived += 50; s.PacketsLost += lost; q.add("c", s) }
	step(0)
	step(20)
	if got := q.chip().Label; got != "Bad" {
		t.Fatalf("after a bad second: %q", got)
	}
	for range qualitySamples {
		step(0)
	}
	if got := q.chip().Label; got != "Good" {
		t.Errorf("%d seconds later: %q", qualitySamples, got)
	}
	q.add("other", phone.MediaStats{})
	if got := q.chip().Label; got != "" {
		t.Errorf("of another call, after one sample: %q", got)
	}
}

func TestTheStageShowsTheQualityOnceThereIsEnoughToJudgeBy(t *testing.T) {
	for _, width := range []float32{360, 1280} {
		b := newBench(t, width, 640)
		b.set(with(talking()), started(talking()))
		if b.app.shell.stage.quality.Visible() {
			t.Error("a quality is shown before anything came")
		}
		for n := range uint64(3) {
			b.op.stats = phone.MediaStats{StreamStats: phone.StreamStats{PacketsReceived: 50 * n, PacketsSent: 50 * n}}
			b.app.everySecond()
		}
		stage := b.app.shell.stage
		if !stage.quality.Visible() || b.app.shell.view.stage.quality.Label != "Good" {
			t.Errorf("%v wide, the stage shows %+v", width, b.app.shell.view.stage.quality)
		}
		if stage.lock.Visible() && stage.lock.Position().X+stage.lock.Size().Width > stage.quality.Position().X {
			t.Errorf("%v wide, the quality covers the lock", width)
		}
	}
}

func TestTheBarAboutAMissingMicrophoneGoesWhenThereIsOneAgain(t *testing.T) {
	b := newBench(t, 1280, 800)
	all := b.dev.list
	b.set(with(talking()), started(talking()),
		phone.Event{Name: phone.EventClientError, Call: talking(), Err: phone.ErrNoMicrophone})
	b.dev.set(all[1])
	b.drain()
	if b.app.shell.view.bar.Text == "" {
		t.Error("nothing says that there is no microphone")
	}
	b.dev.set(all...)
	b.drain()
	if got := b.app.shell.view.bar.Text; got != "" {
		t.Errorf("plugged in again, the bar says %q", got)
	}
}
