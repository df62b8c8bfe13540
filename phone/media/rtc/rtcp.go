package rtc

import (
	"sync/atomic"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
)

// rtcpGate keeps our RTCP back from a far end that refuses to take it on the port of the RTP (RFC 5761 §5.1.1). It
// would look for it on a second component, and pion has the first one only; so the call goes on without reports,
// as between any two of which one sends none.
type rtcpGate struct {
	interceptor.NoOp
	shut atomic.Bool
}

// NewInterceptor makes the gate its own interceptor: there is one gate a peer.
func (g *rtcpGate) NewInterceptor(string) (interceptor.Interceptor, error) { return g, nil }

// BindRTCPWriter implements interceptor.Interceptor.
func (g *rtcpGate) BindRTCPWriter(next interceptor.RTCPWriter) interceptor.RTCPWriter {
	return interceptor.RTCPWriterFunc(func(packets []rtcp.Packet, a interceptor.Attributes) (int, error) {
		if g.shut.Load() {
			return 0, nil
		}
		return next.Write(packets, a)
	})
}
