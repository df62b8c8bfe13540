package phone

import "time"

// MediaStats are a leg's counters (RFC 3550 §6.4, W3C webrtc-stats names).
type MediaStats struct {
	Codec           string
	NetworkType     string
	Network         string // Report.Network
	PacketsSent     uint64
	PacketsReceived uint64
	BytesSent       uint64
	BytesReceived   uint64
	PacketsLost     uint64        // of theirs, by sequence numbers
	RemoteLost      uint64        // of ours, by their RTCP
	Jitter          time.Duration // of theirs, RFC 3550 §6.4.1
	JitterMax       time.Duration
	JitterAverage   time.Duration // of all packets
	RemoteJitter    time.Duration // of ours, by their RTCP
	// RemoteJitterMax and RemoteJitterAverage are of all their reports.
	RemoteJitterMax     time.Duration
	RemoteJitterAverage time.Duration
	RoundTrip           time.Duration
	Concealed           uint64        // samples made up by concealment
	Played              uint64        // samples played in all
	JitterBuffer        time.Duration // its delay now

	Video VideoStats // zero without video
}

// VideoStats are the counters of a leg's video.
type VideoStats struct {
	Codec                        string // "VP8"
	PacketsSent, PacketsReceived uint64
	BytesSent, BytesReceived     uint64
	PacketsLost                  uint64 // of theirs, by sequence numbers
}
