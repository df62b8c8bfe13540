package phone_test

import (
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// measured is what the media tell of a call.
var measured = phone.MediaStats{
	StreamStats: phone.StreamStats{Codec: "opus", PacketsSent: 100, PacketsReceived: 95, PacketsLost: 5, BytesReceived: 6000, JitterMax: 9, JitterAverage: 4,
		RemoteReported: true, RemoteLost: 25, RemoteReceived: 75, RemoteJitterMax: 8, RemoteJitterAverage: 3},
	NetworkType: "relay", Network: "wifi",
}

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
	reported := func(seed string, holds func(*desk, phone.Event) bool) row {
		return row{seed: seed, test: func(d *desk) {
			d.media.SetStats(d.talk("600"), measured)
			time.Sleep(4 * time.Second)
			e := d.wantTold(phone.EventCallReport)
			d.want(holds(d, e), "it is reported", e.Report)
		}}
	}
	return []row{
		timer("ringDuration", func(t phone.Timers) time.Duration { return t.Ring }, 3*time.Second),
		timer("callingDuration", func(t phone.Timers) time.Duration { return t.Calling }, 2*time.Second),
		timer("callDuration", func(t phone.Timers) time.Duration { return t.Call }, 9*time.Second),
		timer("holdDuration", func(t phone.Timers) time.Duration { return t.Hold }, 5*time.Second),
		reported("callReport", func(_ *desk, e phone.Event) bool { return e.Report.CallID == e.Call.ID && e.Stats == measured }),
		reported("iceResult", func(_ *desk, e phone.Event) bool { return e.Report.ICEResult == "turn" }),
		reported("extension", func(_ *desk, e phone.Event) bool { return e.Report.Extension == "1001" }),
		reported("timestamp", func(_ *desk, e phone.Event) bool { return e.Report.At.Equal(e.At) }),
		reported("date", func(_ *desk, e phone.Event) bool { return time.Since(e.Report.At) < 3*time.Second }),
		reported("network", func(_ *desk, e phone.Event) bool { return e.Report.Network == "wifi" }),
		reported("deviceType", func(_ *desk, e phone.Event) bool { return e.Report.DeviceType == "desktop" }),
		reported("duration", func(_ *desk, e phone.Event) bool { return e.Report.Duration == e.At.Sub(e.Call.AnsweredAt) }),
		reported("audio", func(d *desk, e phone.Event) bool {
			return phone.MediaReport{Codec: "opus", PacketsReceived: 95, PacketsSent: 100, LossReceived: 0.05, JitterReceivedMax: 9, JitterReceivedAverage: 4,
				SentReported: true, LossSent: 0.25, JitterSentMax: 8, JitterSentAverage: 3, BitrateReceived: e.Report.Audio.BitrateReceived} == e.Report.Audio &&
				e.Report.Audio.BitrateReceived > 0
		}),
		{seed: "video", test: reportOfPictures},
		{seed: "updateTimer", test: func(d *desk) {
			d.talk("600")
			time.Sleep(2500 * time.Millisecond)
			d.settle()
			d.want(d.events.Count(phone.EventUpdateTimer) == 2, "once a second", d.events)
		}},
	}
}

func reportOfPictures(d *desk) {
	id := d.talk("600")
	var reports []phone.MediaReport
	sees := phone.StreamStats{Codec: "VP8", PacketsReceived: 60, PacketsLost: 20, JitterMax: 7, JitterAverage: 2, BytesReceived: 9000}
	both := sees
	both.PacketsSent, both.BytesSent = 50, 6000
	told := both
	told.RemoteReported, told.RemoteReceived, told.RemoteJitterMax, told.RemoteJitterAverage = true, 40, 6, 5
	for _, s := range []phone.StreamStats{{}, sees, both, told} {
		d.media.SetStats(id, phone.MediaStats{Video: s})
		time.Sleep(3 * time.Second)
		reports = append(reports, d.wantTold(phone.EventCallReport).Report.Video)
	}
	d.want(reports[0] == phone.MediaReport{}, "a call without pictures says nothing of them", reports[0])
	want := phone.MediaReport{Codec: "VP8", PacketsReceived: 60, LossReceived: 0.25, JitterReceivedMax: 7, JitterReceivedAverage: 2, BitrateReceived: 24000}
	d.want(reports[1] == want, "who shows nothing sees all the same", reports[1])
	want.PacketsSent, want.BitrateReceived, want.BitrateSent = 50, 0, 16000
	d.want(reports[2] == want, "nothing is claimed of ours until the far end reports", reports[2])
	want.SentReported, want.JitterSentMax, want.JitterSentAverage, want.BitrateSent = true, 6, 5, 0
	d.want(reports[3] == want, "then its figures stand, also where nothing is lost", reports[3])
}
