package avp

import (
	"testing"

	"github.com/pion/rtp"

	"github.com/hookswitch/hookswitch/phone/media/carrier/carriertest"
)

// BenchmarkWrite is one packet of 20 ms of G.711 on its way out, the system call included.
func BenchmarkWrite(b *testing.B) {
	for _, policy := range policies {
		b.Run(string(policy), func(b *testing.B) {
			from, _ := connected(b, policy)
			h, payload := &rtp.Header{PayloadType: 0}, make([]byte, 160)
			b.ReportAllocs()
			for b.Loop() {
				h.SequenceNumber++
				h.Timestamp += 160
				from.Transport.WriteRTP(h, payload)
			}
		})
	}
}

// BenchmarkTake is one packet on its way in, from the socket's buffer to the sink.
func BenchmarkTake(b *testing.B) {
	for _, policy := range policies {
		b.Run(string(policy), func(b *testing.B) {
			from, to := connected(b, policy)
			carriertest.Send(from, to, 111, "one")
			out, in := &inner(from).flow.Load().out, inner(to).flow.Load()
			in.in.mu.Lock()
			source := in.in.latch.source
			in.in.mu.Unlock()
			h := rtp.Header{Version: 2, PayloadType: 0, SSRC: out.ssrc, SequenceNumber: 1000}
			payload, raw := make([]byte, 160), make([]byte, 200)
			b.ReportAllocs()
			for b.Loop() {
				h.SequenceNumber++
				n, _ := h.MarshalTo(raw)
				packet := raw[:n+copy(raw[n:], payload)]
				if out.encrypted { // counted, too; subtract BenchmarkWrite without its system call
					packet, _ = out.context.EncryptRTP(nil, packet, nil)
				}
				in.take(packet, source, false)
			}
		})
	}
}
