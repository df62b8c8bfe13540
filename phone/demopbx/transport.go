package demopbx

import (
	"fmt"
	"log/slog"
	"net"

	"github.com/hookswitch/hookswitch/phone/media"
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
