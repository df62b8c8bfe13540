package phone

import (
	"strings"
	"time"
)

// Report is the contract's call report: how a call goes, from real RTP, RTCP and ICE counters.
type Report struct {
	At     time.Time // timestamp and date
	CallID CallID
	// Extension is the user part of the account's address.
	Extension string
	// ICEResult is the way of the media: "local" (host), "public" (srflx, prflx), "turn" (relay), "" before there is one.
	ICEResult string
	// Network is what our side of it goes through: "ethernet", "wifi", "mobile", "vpn", "loopback", "" where nobody knows.
	Network    string
	DeviceType string        // "desktop"
	Duration   time.Duration // since the answer
	Audio      MediaReport
	Video      MediaReport // zero without video
	// Beyond the seed.
	RoundTrip time.Duration // 0: not known yet
	Concealed float64       // share of the sound that was made up, 0…1, of the whole call
	// MOS is an estimate (ITU-T G.107, see Rating) of how good the last three seconds sounded here, 1…4.5; 0 where nothing was heard.
	MOS float64
}

// MediaReport is one medium's part of a report. Loss is lost / (lost + received), 0…1, of the whole call.
type MediaReport struct {
	Codec                        string
	PacketsReceived, PacketsSent uint64
	// LossReceived and JitterReceived… are measured here. Where PacketsReceived is 0 they mean nothing.
	LossReceived                             float64
	JitterReceivedMax, JitterReceivedAverage time.Duration
	// LossSent and JitterSent… are what the far end reports by RTCP. They mean nothing until it has: SentReported.
	SentReported                     bool
	LossSent                         float64
	JitterSentMax, JitterSentAverage time.Duration
	BitrateReceived, BitrateSent     int // bit/s of payload since the last report
}

// reporting is what a session keeps from one report to the next.
type reporting struct {
	seconds int // since the last one
	at      time.Time
	stats   MediaStats
}

// packetTime is how long our own packets are: a part of the delay that no counter shows.
const packetTime = 20 * time.Millisecond

// report makes the call's report and remembers what the next one begins with.
func (l *loop) report(s *session, stats MediaStats) Report {
	c, now, before := s.call, l.now(), s.reporting
	if before.at.IsZero() {
		before.at = c.AnsweredAt
	}
	s.reporting = reporting{at: now, stats: stats}
	seconds := max(now.Sub(before.at).Seconds(), 1e-3)
	r := Report{
		At: now, CallID: c.ID, Extension: userOf(s.line.acc.URI), ICEResult: iceResult(stats.NetworkType), Network: stats.Network,
		DeviceType: "desktop", Duration: c.Timers(now).Call, RoundTrip: stats.RoundTrip, Concealed: share(stats.Concealed, stats.Played),
		Audio: mediaReport(&stats.StreamStats, &before.stats.StreamStats, seconds),
	}
	if stats.Video.Codec != "" {
		r.Video = mediaReport(&stats.Video, &before.stats.Video, seconds)
	}
	if played := grown(stats.Played, before.stats.Played); played > 0 && stats.PacketsReceived > before.stats.PacketsReceived {
		lost := share(grown(stats.Concealed, before.stats.Concealed), played)
		r.MOS = MOS(Rating(stats.RoundTrip/2+stats.JitterBuffer+packetTime, lost))
	}
	return r
}

// mediaReport is one medium's part; old are the counters that many seconds ago.
func mediaReport(s, old *StreamStats, seconds float64) MediaReport {
	rate := func(bytes, before uint64) int { return int(float64(grown(bytes, before)) * 8 / seconds) }
	r := MediaReport{
		Codec: s.Codec, PacketsReceived: s.PacketsReceived, PacketsSent: s.PacketsSent,
		JitterReceivedMax: s.JitterMax, JitterReceivedAverage: s.JitterAverage,
		JitterSentMax: s.RemoteJitterMax, JitterSentAverage: s.RemoteJitterAverage,
		BitrateReceived: rate(s.BytesReceived, old.BytesReceived), BitrateSent: rate(s.BytesSent, old.BytesSent),
	}
	r.LossReceived, _ = s.LossReceived()
	r.LossSent, r.SentReported = s.LossSent()
	return r
}

// grown is how much a counter grew; one that began anew counts from zero.
func grown(now, before uint64) uint64 {
	if now < before {
		return now
	}
	return now - before
}

func share(part, whole uint64) float64 {
	if whole == 0 {
		return 0
	}
	return min(1, float64(part)/float64(whole))
}

func iceResult(networkType string) string {
	switch networkType {
	case "host":
		return "local"
	case "srflx", "prflx":
		return "public"
	case "relay":
		return "turn"
	}
	return ""
}

// userOf is the user part of a SIP URI, "" where it has none.
func userOf(uri string) string {
	_, rest, _ := strings.Cut(uri, ":")
	user, _, there := strings.Cut(rest, "@")
	if !there {
		return ""
	}
	return user
}
