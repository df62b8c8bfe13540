package phone

import "time"

// MediaStats are a leg's counters (RFC 3550 §6.4, W3C webrtc-stats names); those of its own stream are the sound's.
type MediaStats struct {
	StreamStats
	NetworkType  string
	Network      string        // Report.Network
	RoundTrip    time.Duration // 0: not known yet
	Concealed    uint64        // samples made up by concealment
	Played       uint64        // samples played in all
	JitterBuffer time.Duration // its delay now

	Video StreamStats // zero without video
}

// StreamStats are the counters of one medium, sound or pictures, over the whole call: they go on when a source or the connection is
// replaced.
type StreamStats struct {
	Codec                        string
	PacketsSent, PacketsReceived uint64 // that went out; that came, each one once
	BytesSent, BytesReceived     uint64 // of payload
	PacketsLost                  uint64 // of theirs, by sequence numbers
	// Jitter is of theirs (RFC 3550 §6.4.1): the estimate now, the largest, and the average of one estimate a packet.
	Jitter, JitterMax, JitterAverage time.Duration

	// RemoteReported: the far end's RTCP has told of ours. Until then all below is 0 and means nothing.
	RemoteReported bool
	// RemoteLost and RemoteReceived are of ours, up to their last report; what we left out ourselves is neither.
	RemoteLost, RemoteReceived uint64
	// RemoteJitter is of their last report, the others of all their reports.
	RemoteJitter, RemoteJitterMax, RemoteJitterAverage time.Duration
}

// LossReceived is the share of theirs that was lost: lost / (lost + received), 0…1. It reports false where nothing came that
// could tell.
func (s *StreamStats) LossReceived() (loss float64, known bool) {
	return share(s.PacketsLost, s.PacketsLost+s.PacketsReceived), s.PacketsReceived > 0
}

// LossSent is the share of ours that was lost, by their last report. It reports false until there is one.
func (s *StreamStats) LossSent() (loss float64, known bool) {
	return share(s.RemoteLost, s.RemoteLost+s.RemoteReceived), s.RemoteReported
}
