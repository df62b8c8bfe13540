package phone_test

import (
	"math"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// toldAfter gives the events of a name with the time since begin.
func (d *desk) toldAfter(name phone.EventName, begin time.Time) (list []phone.Event, after []time.Duration) {
	d.settle()
	for _, e := range d.events.Events() {
		if e.Name == name {
			list, after = append(list, e), append(after, e.At.Sub(begin))
		}
	}
	return list, after
}

func TestACallIsReportedEveryThreeSecondsWhileItIsTalking(t *testing.T) {
	onDesk(t, func(d *desk) {
		id := d.dial("600")
		time.Sleep(10500 * time.Millisecond) // the counters then change between two reports
		if list, _ := d.toldAfter(phone.EventCallReport, time.Now()); len(list) != 0 {
			t.Fatalf("%d reports of a call that is not answered", len(list))
		}
		answered := time.Now()
		d.post(phone.Accepted{Dialog: phone.DialogID(id), SDP: []byte("remote"), At: time.Now()})
		for i := range uint64(10) { // 50 packets a second both ways, with 60 bytes each
			n := 50 * (i + 1)
			d.media.SetStats(id, phone.MediaStats{
				StreamStats: phone.StreamStats{
					Codec: "opus", PacketsSent: n, PacketsReceived: n * 9 / 10, PacketsLost: n / 10, RemoteReported: true, RemoteLost: n / 5, RemoteReceived: n * 4 / 5,
					BytesSent: 60 * n, BytesReceived: 54 * n, Jitter: 3 * time.Millisecond, JitterMax: 9 * time.Millisecond, JitterAverage: 4 * time.Millisecond,
					RemoteJitterMax: 8 * time.Millisecond, RemoteJitterAverage: 2 * time.Millisecond,
				},
				NetworkType: "srflx", Network: "wifi", RoundTrip: 40 * time.Millisecond, Concealed: n * 96, Played: n * 960, JitterBuffer: 30 * time.Millisecond,
			})
			time.Sleep(time.Second)
		}
		list, after := d.toldAfter(phone.EventCallReport, answered)
		if len(list) != 3 {
			t.Fatalf("%d reports in ten seconds, after %v", len(list), after)
		}
		for i, e := range list {
			if gap := after[i] - time.Duration(i+1)*3*time.Second; gap < -time.Second || gap > time.Second {
				t.Errorf("report %d came after %v", i, after[i])
			}
			want := phone.Report{
				At: e.At, CallID: id, Extension: "1001", ICEResult: "public", Network: "wifi", DeviceType: "desktop", Duration: after[i],
				RoundTrip: 40 * time.Millisecond, Concealed: 0.1, MOS: phone.MOS(phone.Rating(70*time.Millisecond, 0.1)),
				Audio: phone.MediaReport{Codec: "opus", PacketsReceived: e.Stats.PacketsReceived, PacketsSent: e.Stats.PacketsSent, LossReceived: 0.1, SentReported: true, LossSent: 0.2,
					JitterReceivedMax: 9 * time.Millisecond, JitterReceivedAverage: 4 * time.Millisecond,
					JitterSentMax: 8 * time.Millisecond, JitterSentAverage: 2 * time.Millisecond, BitrateReceived: 21600, BitrateSent: 24000},
			}
			if i == 0 { // the first one's time is not a whole number of seconds
				want.Audio.BitrateReceived, want.Audio.BitrateSent = 50*3*54*8*2/5, 50*3*60*8*2/5
			}
			if e.Report != want {
				t.Errorf("report %d\n got %+v\nwant %+v", i, e.Report, want)
			}
		}
	})
}

func TestAReportClaimsNothingThatNobodyMeasured(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.talk("600")
		time.Sleep(4 * time.Second)
		list, _ := d.toldAfter(phone.EventCallReport, time.Now())
		if len(list) == 0 {
			t.Fatal("no report")
		}
		if r := list[0].Report; r.MOS != 0 || r.ICEResult != "" || r.Audio.LossReceived != 0 || r.Audio.SentReported || r.Audio.LossSent != 0 || r.Concealed != 0 || r.Video != (phone.MediaReport{}) {
			t.Errorf("%+v", r)
		}
	})
}

func TestTheWayOfTheMediaIsNamedAsTheContractDoes(t *testing.T) {
	for kind, want := range map[string]string{"host": "local", "srflx": "public", "prflx": "public", "relay": "turn", "": ""} {
		onDesk(t, func(d *desk) {
			d.media.SetStats(d.talk("600"), phone.MediaStats{NetworkType: kind})
			time.Sleep(4 * time.Second)
			if list, _ := d.toldAfter(phone.EventCallReport, time.Now()); len(list) != 1 || list[0].Report.ICEResult != want {
				t.Errorf("%s: %+v", kind, list)
			}
		})
	}
}

func TestTheFourTimersRunOnceASecond(t *testing.T) {
	onDesk(t, func(d *desk) {
		begin := time.Now().Add(time.Second) // dial waits for a second
		id := d.dial("600")
		time.Sleep(2500 * time.Millisecond)
		d.post(phone.Progress{Dialog: phone.DialogID(id), Status: 180, At: time.Now()})
		time.Sleep(3 * time.Second)
		d.post(phone.Accepted{Dialog: phone.DialogID(id), SDP: []byte("remote"), At: time.Now()})
		time.Sleep(4 * time.Second)
		d.must(d.op.Hold(id))
		d.settle()
		d.post(phone.ReinviteDone{Dialog: phone.DialogID(id), Status: 200, SDP: []byte("held"), At: time.Now()})
		time.Sleep(2 * time.Second)
		list, after := d.toldAfter(phone.EventUpdateTimer, begin)
		if len(list) != 11 {
			t.Fatalf("%d events in 11.5 s, after %v", len(list), after)
		}
		for i, e := range list {
			at := time.Duration(i+1) * time.Second
			want := phone.Timers{Calling: min(at, 2500*time.Millisecond), Ring: min(max(0, at-2500*time.Millisecond), 3*time.Second),
				Call: max(0, at-5500*time.Millisecond), Hold: max(0, at-9500*time.Millisecond)}
			if after[i] != at || e.Timers != want {
				t.Errorf("after %v: %+v, want %+v", after[i], e.Timers, want)
			}
		}
		d.must(d.op.Hangup(id))
		d.settle()
		time.Sleep(5 * time.Second)
		if list, _ := d.toldAfter(phone.EventUpdateTimer, begin); len(list) != 11 {
			t.Error("the timers run on after the call")
		}
	})
}

func TestAnIncomingCallHasNoCallingTime(t *testing.T) {
	begin := time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)
	c := phone.Call{Direction: phone.Inbound, StartedAt: begin.Add(-time.Second), RingingAt: begin, AnsweredAt: begin.Add(4 * time.Second), EndedAt: begin.Add(9 * time.Second)}
	if got, want := c.Timers(begin.Add(time.Hour)), (phone.Timers{Ring: 4 * time.Second, Call: 5 * time.Second}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// The numbers that the Recommendations print: G.107's default R and its MOS, Annex B's table, G.113's Ie,eff of G.711 with concealment, and
// G.114's R after 150 ms.
func TestTheEModelGivesThePublishedValues(t *testing.T) {
	near := func(got, want, tolerance float64) bool { return math.Abs(got-want) <= tolerance }
	for r, want := range map[float64]float64{-5: 1, 0: 1, 50: 2.58, 60: 3.10, 70: 3.60, 80: 4.03, 90: 4.34, 93.2: 4.41, 100: 4.5, 120: 4.5} {
		if got := phone.MOS(r); !near(got, want, 0.01) {
			t.Errorf("R %.1f is MOS %.3f, want %.2f", r, got, want)
		}
	}
	if r := phone.Rating(0, 0); !near(r, 93.2, 0.05) {
		t.Errorf("by default R is %.2f", r)
	}
	for percent, want := range map[float64]float64{1: 4, 2: 7, 3: 10, 5: 16, 10: 27} {
		if got := phone.Rating(0, 0) - phone.Rating(0, percent/100); !near(got, want, 0.6) {
			t.Errorf("%.0f %% loss costs %.1f, want %.0f", percent, got, want)
		}
	}
	if r := phone.Rating(150*time.Millisecond, 0); !near(r, 90, 1) {
		t.Errorf("after 150 ms R is %.1f", r)
	}
	last := 94.0
	for ms := range 1000 { // not better for being late, but for what the formulas allow within the first 10 ms
		r := phone.Rating(time.Duration(ms)*time.Millisecond, 0)
		if r > last+1e-9 && ms > 10 || math.IsNaN(r) {
			t.Fatalf("R rises to %.3f after %d ms", r, ms)
		}
		last = r
	}
	if r := phone.Rating(-time.Second, 2); math.IsNaN(r) || r > 93.3 {
		t.Errorf("nonsense gives %.1f", r)
	}
}
