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

// MediaReport is one medium's part of a report. Loss is lost / (lost + received), 0…1.
type MediaReport struct {
	Codec                        string
	PacketsReceived, PacketsSent uint64
	LossReceived, LossSent       float64
	JitterReceivedMax            time.Duration
	JitterReceivedAverage        time.Duration
	JitterSentMax                time.Duration // as the far end reports it
	JitterSentAverage            time.Duration
	BitrateReceived, BitrateSent int // bit/s of payload since the last report
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
	rate := func(bytes, old uint64) int { return int(float64(grown(bytes, old)) * 8 / seconds) }
	r := Report{
		At: now, CallID: c.ID, Extension: userOf(s.line.acc.URI), ICEResult: iceResult(stats.NetworkType), Network: stats.Network,
		DeviceType: "desktop", Duration: c.Timers(now).Call, RoundTrip: stats.RoundTrip, Concealed: share(stats.Concealed, stats.Played),
		Audio: MediaReport{
			Codec: stats.Codec, PacketsReceived: stats.PacketsReceived, PacketsSent: stats.PacketsSent,
			LossReceived:      share(stats.PacketsLost, stats.PacketsLost+stats.PacketsReceived),
			LossSent:          share(stats.RemoteLost, max(stats.RemoteLost, stats.PacketsSent)), // what they received is what we sent and they did not lose
			JitterReceivedMax: stats.JitterMax, JitterReceivedAverage: stats.JitterAverage,
			JitterSentMax: stats.RemoteJitterMax, JitterSentAverage: stats.RemoteJitterAverage,
			BitrateReceived: rate(stats.BytesReceived, before.stats.BytesReceived), BitrateSent: rate(stats.BytesSent, before.stats.BytesSent),
		},
	}
	if v, old := stats.Video, before.stats.Video; v.Codec != "" {
		r.Video = MediaReport{Codec: v.Codec, PacketsReceived: v.PacketsReceived, PacketsSent: v.PacketsSent,
			LossReceived:    share(v.PacketsLost, v.PacketsLost+v.PacketsReceived),
			BitrateReceived: rate(v.BytesReceived, old.BytesReceived), BitrateSent: rate(v.BytesSent, old.BytesSent)}
	}
	if played := grown(stats.Played, before.stats.Played); played > 0 && stats.PacketsReceived > before.stats.PacketsReceived {
		lost := share(grown(stats.Concealed, before.stats.Concealed), played)
		r.MOS = MOS(Rating(stats.RoundTrip/2+stats.JitterBuffer+packetTime, lost))
	}
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

// userOf is the user part of a SIP URI.
func userOf(uri string) string {
	_, rest, _ := strings.Cut(uri, ":")
	user, _, _ := strings.Cut(rest, "@")
	return user
}
