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
// 0 to 1, rates in bit/s. What nobody has measured is left out: roundTrip, lossSent and jitterSent… until the far end's RTCP has told
// them, lossReceived and jitterReceived… until a packet has come, video without video, and mosEstimate, which is what its name says,
// where nothing was heard.
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
	o.time("roundTrip", r.RoundTrip)
	o.set("concealed", rounded(r.Concealed, 6))
	if r.MOS > 0 {
		o.set("mosEstimate", rounded(r.MOS, 2))
	}
}

func mediaObject(m phone.MediaReport) object {
	o := object{{"codec", m.Codec}, {"packetsReceived", m.PacketsReceived}, {"packetsSent", m.PacketsSent}}
	if m.PacketsReceived > 0 {
		o.set("lossReceived", rounded(m.LossReceived, 6))
		o.set("jitterReceivedMax", ms(m.JitterReceivedMax))
		o.set("jitterReceivedAverage", ms(m.JitterReceivedAverage))
	}
	if m.SentReported {
		o.set("lossSent", rounded(m.LossSent, 6))
		o.set("jitterSentMax", ms(m.JitterSentMax))
		o.set("jitterSentAverage", ms(m.JitterSentAverage))
	}
	o.set("bitrateReceived", m.BitrateReceived)
	o.set("bitrateSent", m.BitrateSent)
	return o
}

// time sets a time in milliseconds, unless it is not known.
func (o *object) time(name string, d time.Duration) {
	if d > 0 {
		o.set(name, ms(d))
	}
}

func ms(d time.Duration) float64 { return rounded(float64(d)/float64(time.Millisecond), 3) }

func rounded(v float64, digits int) float64 {
	scale := math.Pow10(digits)
	return math.Round(v*scale) / scale
}

// statsFields are a leg's counters, with the same units, and the same gaps, as a report; the sound's own stand among the leg's.
func statsFields(o *object, s phone.MediaStats) {
	o.text("networkType", s.NetworkType)
	streamFields(o, &s.StreamStats)
	o.time("roundTrip", s.RoundTrip)
	if s.Played > 0 {
		o.set("concealed", rounded(min(1, float64(s.Concealed)/float64(s.Played)), 6))
	}
	o.set("jitterBuffer", ms(s.JitterBuffer))
	if s.Video != (phone.StreamStats{}) {
		var video object
		streamFields(&video, &s.Video)
		o.set("video", video)
	}
}

// streamFields are one medium's counters.
func streamFields(o *object, s *phone.StreamStats) {
	o.text("codec", s.Codec)
	o.set("packetsSent", s.PacketsSent)
	o.set("packetsReceived", s.PacketsReceived)
	o.set("bytesSent", s.BytesSent)
	o.set("bytesReceived", s.BytesReceived)
	if loss, known := s.LossReceived(); known {
		o.set("packetsLost", s.PacketsLost)
		o.set("lossReceived", rounded(loss, 6))
		o.set("jitter", ms(s.Jitter))
		o.set("jitterMax", ms(s.JitterMax))
		o.set("jitterAverage", ms(s.JitterAverage))
	}
	if loss, known := s.LossSent(); known {
		o.set("remoteLost", s.RemoteLost)
		o.set("remoteReceived", s.RemoteReceived)
		o.set("lossSent", rounded(loss, 6))
		o.set("remoteJitter", ms(s.RemoteJitter))
		o.set("remoteJitterMax", ms(s.RemoteJitterMax))
		o.set("remoteJitterAverage", ms(s.RemoteJitterAverage))
	}
}
