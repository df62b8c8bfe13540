package headless

import (
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

func TestTheCountersOfACallTellOfSoundAndPicturesAndLeaveOutWhatNobodyKnows(t *testing.T) {
	sound := phone.StreamStats{Codec: "opus", PacketsSent: 50, PacketsReceived: 45, BytesSent: 3000, BytesReceived: 2700, PacketsLost: 5,
		Jitter: 2 * time.Millisecond, JitterMax: 9 * time.Millisecond, JitterAverage: 3 * time.Millisecond}
	pictures := phone.StreamStats{Codec: "VP8", PacketsSent: 80, BytesSent: 70000, RemoteReported: true, RemoteLost: 20, RemoteReceived: 60,
		RemoteJitter: 5 * time.Millisecond, RemoteJitterMax: 8 * time.Millisecond, RemoteJitterAverage: 6 * time.Millisecond}
	for want, s := range map[string]phone.MediaStats{
		`{"packetsSent":0,"packetsReceived":0,"bytesSent":0,"bytesReceived":0,"jitterBuffer":0}`: {},
		`{"networkType":"host","codec":"opus","packetsSent":50,"packetsReceived":45,"bytesSent":3000,"bytesReceived":2700,"packetsLost":5,"lossReceived":0.1,` +
			`"jitter":2,"jitterMax":9,"jitterAverage":3,"roundTrip":40,"concealed":0.5,"jitterBuffer":30,` +
			`"video":{"codec":"VP8","packetsSent":80,"packetsReceived":0,"bytesSent":70000,"bytesReceived":0,"remoteLost":20,"remoteReceived":60,"lossSent":0.25,` +
			`"remoteJitter":5,"remoteJitterMax":8,"remoteJitterAverage":6}}`: {StreamStats: sound, NetworkType: "host", RoundTrip: 40 * time.Millisecond, Concealed: 480,
			Played: 960, JitterBuffer: 30 * time.Millisecond, Video: pictures},
	} {
		var fields object
		statsFields(&fields, s)
		if got, err := fields.MarshalJSON(); err != nil || string(got) != want {
			t.Errorf("\n got %s\nwant %s", got, want)
		}
	}
}
