package headless

import (
	"math"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// timerFields are the contract's four timers, in whole seconds.
func timerFields(o *object, t phone.Timers) {
	o.set("ringDuration", int(t.Ring/time.Second))
	o.set("callingDuration", int(t.Calling/time.Second))
	o.set("callDuration", int(t.Call/time.Second))
	o.set("holdDuration", int(t.Hold/time.Second))
}

// reportFields are the contract's call report: times in milliseconds but for timestamp (ms since 1970) and duration (s), shares from
// 0 to 1, rates in bit/s. mosEstimate is what its name says; it is left out where nothing was heard.
func reportFields(o *object, r phone.Report) {
	o.set("timestamp", r.At.UnixMilli())
	o.set("date", r.At.Format(time.RFC3339))
	o.set("callId", string(r.CallID))
	o.set("extension", r.Extension)
	o.set("iceResult", r.ICEResult)
	o.set("network", r.Network)
	o.set("deviceType", r.DeviceType)
	o.set("duration", int(r.Duration/time.Second))
	o.set("audio", mediaObject(r.Audio))
	if r.Video != (phone.MediaReport{}) {
		o.set("video", mediaObject(r.Video))
	}
	o.set("roundTrip", ms(r.RoundTrip))
	o.set("concealed", rounded(r.Concealed, 6))
	if r.MOS > 0 {
		o.set("mosEstimate", rounded(r.MOS, 2))
	}
}

func mediaObject(m phone.MediaReport) object {
	return object{
		{"codec", m.Codec}, {"packetsReceived", m.PacketsReceived}, {"packetsSent", m.PacketsSent},
		{"lossReceived", rounded(m.LossReceived, 6)}, {"lossSent", rounded(m.LossSent, 6)},
		{"jitterReceivedMax", ms(m.JitterReceivedMax)}, {"jitterReceivedAverage", ms(m.JitterReceivedAverage)},
		{"jitterSentMax", ms(m.JitterSentMax)}, {"jitterSentAverage", ms(m.JitterSentAverage)},
		{"bitrateReceived", m.BitrateReceived}, {"bitrateSent", m.BitrateSent},
	}
}

func ms(d time.Duration) float64 { return rounded(float64(d)/float64(time.Millisecond), 3) }

func rounded(v float64, digits int) float64 {
	scale := math.Pow10(digits)
	return math.Round(v*scale) / scale
}

// statsFields are a leg's counters: times in milliseconds, shares from 0 to 1.
func statsFields(o *object, s phone.MediaStats) {
	share := func(part, whole uint64) float64 {
		if whole == 0 {
			return 0
		}
		return rounded(float64(part)/float64(whole), 6)
	}
	o.text("codec", s.Codec)
	o.text("networkType", s.NetworkType)
	o.set("packetsSent", s.PacketsSent)
	o.set("packetsReceived", s.PacketsReceived)
	o.set("bytesSent", s.BytesSent)
	o.set("bytesReceived", s.BytesReceived)
	o.set("packetsLost", s.PacketsLost)
	o.set("lossReceived", share(s.PacketsLost, s.PacketsLost+s.PacketsReceived))
	o.set("remoteLost", s.RemoteLost)
	o.set("lossSent", share(s.RemoteLost, max(s.PacketsSent, s.RemoteLost)))
	o.set("jitter", ms(s.Jitter))
	o.set("jitterMax", ms(s.JitterMax))
	o.set("remoteJitter", ms(s.RemoteJitter))
	o.set("roundTrip", ms(s.RoundTrip))
	o.set("concealed", share(s.Concealed, s.Played))
	o.set("jitterBuffer", ms(s.JitterBuffer))
}
