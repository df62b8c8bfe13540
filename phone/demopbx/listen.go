package demopbx

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// loopback is the only address the PBX ever listens on.
const loopback = "127.0.0.1"

// listeners are the open sockets, by transport.
type listeners struct {
	udp     *net.UDPConn
	streams []net.Listener // TCP, TLS
	servers []*http.Server // WS, WSS
	address map[string]string
}

// listen opens every socket and starts serving. On an error what was opened is closed by Close.
func (p *PBX) listen(certificate tls.Certificate) error {
	p.sockets.address = map[string]string{}
	udp, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return fmt.Errorf("demopbx: %w", err)
	}
	p.sockets.udp = udp
	p.sockets.address["UDP"] = udp.LocalAddr().String()
	secure := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	for _, transport := range []string{"TCP", "TLS", "WS", "WSS"} {
		listener, err := net.Listen("tcp4", net.JoinHostPort(loopback, "0"))
		if err != nil {
			return fmt.Errorf("demopbx: %w", err)
		}
		local := listener.Addr().String()
		p.sockets.address[transport] = local
		switch transport {
		case "TLS":
			listener = tls.NewListener(listener, secure)
			fallthrough
		case "TCP":
			p.sockets.streams = append(p.sockets.streams, listener)
			p.spawn(func() { p.acceptStreams(listener, transport, local) })
		default:
			server := p.webServer(transport, local)
			p.sockets.servers = append(p.sockets.servers, server)
			if transport == "WSS" {
				listener = tls.NewListener(listener, secure)
			}
			p.spawn(func() { _ = server.Serve(listener) })
		}
	}
	p.spawn(func() { p.readUDP(udp) })
	return nil
}

func (p *PBX) webServer(transport, local string) *http.Server {
	return &http.Server{
		Handler:           p.webSocketHandler(transport, local),
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          p.httpLog(),
		// Only HTTP/1.1 upgrades to a WebSocket here.
		TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){},
	}
}

func (p *PBX) acceptStreams(listener net.Listener, transport, local string) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			select {
			case <-p.ctx.Done():
				return
			case <-time.After(50 * time.Millisecond): // out of descriptors, perhaps: not a busy loop
				continue
			}
		}
		p.spawn(func() { p.serveStream(conn, transport, local) })
	}
}

// readUDP hands datagrams to the loop; when that is busy they are dropped, as networks do.
func (p *PBX) readUDP(socket *net.UDPConn) {
	buffer := make([]byte, maxMessage)
	for {
		n, from, err := socket.ReadFromUDPAddrPort(buffer)
		if errors.Is(err, net.ErrClosed) || p.ctx.Err() != nil {
			return
		}
		if err != nil || n <= 4 { // 4 bytes: a CRLF keep-alive
			continue
		}
		message := append([]byte(nil), buffer[:n]...)
		p.receiveUDP(from, message)
	}
}

func (l *listeners) close() {
	if l.udp != nil {
		_ = l.udp.Close()
	}
	for _, listener := range l.streams {
		_ = listener.Close()
	}
	for _, server := range l.servers {
		_ = server.Close()
	}
}
