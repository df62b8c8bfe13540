package phone_test

import (
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// contractTimers is the contract's timers and report.
func contractTimers() []row {
	timer := func(seed string, of func(phone.Timers) time.Duration, want time.Duration) row {
		return row{seed: seed, test: func(d *desk) {
			id := d.dial("601")
			time.Sleep(2 * time.Second)
			d.post(phone.Progress{Dialog: phone.DialogID(id), Status: 180, At: time.Now()})
			time.Sleep(3 * time.Second)
			d.post(phone.Accepted{Dialog: phone.DialogID(id), SDP: []byte("remote"), At: time.Now()})
			time.Sleep(4 * time.Second)
			d.must(d.op.Hold(id))
			d.agree(id)
			time.Sleep(5 * time.Second)
			t := d.call(id).Timers(time.Now())
			d.want(of(t) == want, "it ran while its phase lasted", t)
		}}
	}
	reported := func(seed, want string, of func(phone.Report) string) row {
		return row{seed: seed, test: func(d *desk) {
			d.media.SetStats(d.talk("600"), phone.MediaStats{NetworkType: "relay"})
			time.Sleep(4 * time.Second)
			r := d.wantTold(phone.EventCallReport).Report
			d.want(of(r) == want, "it is reported", r)
		}}
	}
	return []row{
		timer("ringDuration", func(t phone.Timers) time.Duration { return t.Ring }, 3*time.Second),
		timer("callingDuration", func(t phone.Timers) time.Duration { return t.Calling }, 2*time.Second),
		timer("callDuration", func(t phone.Timers) time.Duration { return t.Call }, 9*time.Second),
		timer("holdDuration", func(t phone.Timers) time.Duration { return t.Hold }, 5*time.Second),
		reported("callReport", "desktop", func(r phone.Report) string { return r.DeviceType }),
		reported("iceResult", "turn", func(r phone.Report) string { return r.ICEResult }),
		reported("extension", "1001", func(r phone.Report) string { return r.Extension }),
		{seed: "updateTimer", test: func(d *desk) {
			d.talk("600")
			time.Sleep(2500 * time.Millisecond)
			d.settle()
			d.want(d.events.Count(phone.EventUpdateTimer) == 2, "once a second", d.events)
		}},
	}
}
