package demopbx

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"

	"github.com/hookswitch/hookswitch/phone/media"
	"github.com/hookswitch/hookswitch/phone/media/avp"
	"github.com/hookswitch/hookswitch/phone/media/rtc"
)

// loopbackMedia makes transports whose sockets are on loopback only, like the listeners.
func loopbackMedia(log *slog.Logger) (media.TransportFactory, error) {
	factory, err := rtc.New(rtc.Options{
		Logger:          log,
		IncludeLoopback: true,
		IPFilter:        func(ip net.IP) bool { return ip.IsLoopback() && ip.To4() != nil },
	})
	if err != nil {
		return nil, fmt.Errorf("demopbx: media: %w", err)
	}
	return factory, nil
}

// plainMedia makes transports without ICE, on loopback only.
func plainMedia(log *slog.Logger) (media.TransportFactory, error) {
	factory, err := avp.New(avp.Options{Logger: log, LocalAddress: func(netip.Addr) (netip.Addr, error) {
		return netip.MustParseAddr(loopback), nil
	}})
	if err != nil {
		return nil, fmt.Errorf("demopbx: media: %w", err)
	}
	return factory, nil
}
