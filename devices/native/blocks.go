package native

import "encoding/binary"

// gather makes blocks of frameSamples of whatever pieces the sound system delivers (nearly always whole blocks).
type gather struct {
	block []int16 // begun
}

// add copies samples of the machine's byte order and calls whole for each complete block, which then belongs to whole.
func (g *gather) add(piece []byte, whole func(block []int16)) {
	for len(piece) >= 2 {
		if g.block == nil {
			g.block = make([]int16, 0, frameSamples)
		}
		n := min(len(piece)/2, frameSamples-len(g.block))
		for i := range n {
			g.block = append(g.block, int16(binary.NativeEndian.Uint16(piece[2*i:]))) // #nosec G115 -- two's complement
		}
		piece = piece[2*n:]
		if len(g.block) == frameSamples {
			whole(g.block)
			g.block = nil
		}
	}
}

// scatter cuts blocks of frameSamples into whatever pieces the sound system asks for.
type scatter struct {
	block [frameSamples]int16
	rest  []int16 // of block, not played yet
}

// take fills a piece; next is called for each new block.
func (s *scatter) take(piece []byte, next func(block []int16)) {
	for len(piece) >= 2 {
		if len(s.rest) == 0 {
			s.rest = s.block[:]
			next(s.rest)
		}
		n := min(len(piece)/2, len(s.rest))
		for i := range n {
			binary.NativeEndian.PutUint16(piece[2*i:], uint16(s.rest[i])) // #nosec G115 -- two's complement
		}
		piece, s.rest = piece[2*n:], s.rest[n:]
	}
}
