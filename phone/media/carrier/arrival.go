package carrier

import "github.com/pion/rtp"

// arrival is a packet with room for its bytes: one allocation for most packets of a voice.
type arrival struct {
	rtp.Packet
	data [240]byte
}

// Packet reads an RTP packet into memory of its own, so that it may be given away. It reports false for
// what is none.
func Packet(raw []byte) (*rtp.Packet, bool) {
	a := &arrival{}
	data := append(a.data[:0], raw...)
	if a.Unmarshal(data) != nil {
		return nil, false
	}
	return &a.Packet, true
}
