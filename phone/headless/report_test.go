package headless_test

import (
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/headless"
)

func TestACallReportHasEveryFieldOfTheContract(t *testing.T) {
	at := time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)
	r := phone.Report{
		At: at, CallID: "c", Extension: "1001", ICEResult: "turn", Network: "wifi", DeviceType: "desktop", Duration: 63 * time.Second,
		RoundTrip: 41500 * time.Microsecond, Concealed: 0.0123456789, MOS: 4.2949,
		Audio: phone.MediaReport{Codec: "opus", PacketsReceived: 3000, PacketsSent: 3150, LossReceived: 0.01, SentReported: true, LossSent: 0.02, JitterReceivedMax: 9 * time.Millisecond,
			JitterReceivedAverage: 4 * time.Millisecond, JitterSentMax: 8 * time.Millisecond, JitterSentAverage: 2500 * time.Microsecond, BitrateReceived: 31000, BitrateSent: 32000},
	}
	const want = `{"t":1773500966.000000,"event":"callReport","call":"c","timestamp":1773500966000,"date":"2026-03-14T15:09:26Z","callId":"c","extension":"1001",` +
		`"iceResult":"turn","network":"wifi","deviceType":"desktop","duration":63,"audio":{"codec":"opus","packetsReceived":3000,"packetsSent":3150,` +
		`"lossReceived":0.01,"jitterReceivedMax":9,"jitterReceivedAverage":4,"lossSent":0.02,"jitterSentMax":8,"jitterSentAverage":2.5,` +
		`"bitrateReceived":31000,"bitrateSent":32000},"roundTrip":41.5,"concealed":0.012346,"mosEstimate":4.29}`
	if got := string(headless.EventLine(phone.Event{Name: phone.EventCallReport, At: at, Call: phone.Call{ID: "c"}, Report: r})); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	r.MOS, r.RoundTrip, r.Audio = 0, 0, phone.MediaReport{Codec: "opus", PacketsSent: 50, BitrateSent: 32000}
	r.Video = phone.MediaReport{Codec: "VP8", PacketsReceived: 30, PacketsSent: 40, LossReceived: 0.25, SentReported: true, JitterReceivedMax: 7 * time.Millisecond,
		JitterReceivedAverage: 3 * time.Millisecond, JitterSentMax: 6 * time.Millisecond, JitterSentAverage: 1500 * time.Microsecond, BitrateReceived: 500, BitrateSent: 600}
	const rest = `"duration":63,"audio":{"codec":"opus","packetsReceived":0,"packetsSent":50,"bitrateReceived":0,"bitrateSent":32000},` +
		`"video":{"codec":"VP8","packetsReceived":30,"packetsSent":40,"lossReceived":0.25,"jitterReceivedMax":7,"jitterReceivedAverage":3,` +
		`"lossSent":0,"jitterSentMax":6,"jitterSentAverage":1.5,"bitrateReceived":500,"bitrateSent":600},"concealed":0.012346}`
	if got := string(headless.EventLine(phone.Event{Name: phone.EventCallReport, At: at, Report: r})); !strings.HasSuffix(got, rest) {
		t.Errorf("what was not measured is not left out, or what was is\ngot  %s\nwant …%s", got, rest)
	}
}

func TestTheFourTimersAreToldInSeconds(t *testing.T) {
	e := phone.Event{Name: phone.EventUpdateTimer, Timers: phone.Timers{Ring: 2900 * time.Millisecond, Calling: time.Second, Call: time.Minute, Hold: 0}}
	if got := string(headless.EventLine(e)); !strings.Contains(got, `"ringDuration":2,"callingDuration":1,"callDuration":60,"holdDuration":0`) {
		t.Error(got)
	}
}
