package demopbx

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// webSocketHandler accepts SIP over WebSocket (RFC 7118) at "/" and "/ws", whatever the query.
func (p *PBX) webSocketHandler(transport, local string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		leave, ok := p.enter() // http.Server.Close does not wait for handlers, PBX.Close does
		if !ok {
			return
		}
		defer leave()
		if r.URL.Path != "/" && r.URL.Path != "/ws" {
			http.NotFound(w, r)
			return
		}
		if !offersSIP(r) {
			http.Error(w, `the WebSocket subprotocol "sip" is required (RFC 7118)`, http.StatusBadRequest)
			return
		}
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{
			Subprotocols: []string{"sip"},
			// A page of another site must not reach the demo through somebody's browser.
			OriginPatterns:  []string{"127.0.0.1", "127.0.0.1:*", "localhost", "localhost:*"},
			CompressionMode: websocket.CompressionDisabled,
		})
		if err != nil {
			return // Accept has answered
		}
		p.serveWebSocket(conn, transport, local, r.RemoteAddr)
	})
}

func offersSIP(r *http.Request) bool {
	var offered []string
	for _, value := range r.Header.Values("Sec-WebSocket-Protocol") {
		for token := range strings.SplitSeq(value, ",") {
			offered = append(offered, strings.TrimSpace(token))
		}
	}
	return slices.Contains(offered, "sip")
}

// serveWebSocket runs one connection until it ends. It sends PINGs with a payload, and drops
// the connection of a client that does not answer them (RFC 6455 §5.5.2).
func (p *PBX) serveWebSocket(conn *websocket.Conn, transport, local, remote string) {
	conn.SetReadLimit(maxMessage)
	ctx, cancel := context.WithCancel(p.ctx)
	outbox := make(chan []byte, outboxSize)
	f := &flow{transport: transport, local: local, remote: remote, reliable: true}
	f.shut = cancel
	f.write = func(message []byte) {
		select {
		case outbox <- message:
		default:
			f.close()
		}
	}
	defer func() { _ = conn.CloseNow() }()
	defer f.close()
	if !p.addFlow(f) {
		return
	}
	p.spawn(func() { p.writeWebSocket(ctx, conn, f, outbox) })
	p.spawn(func() { p.pingWebSocket(ctx, conn, f) })
	err := p.readWebSocket(ctx, conn, f)
	f.close()
	p.removeFlow(f, err)
}

func (p *PBX) readWebSocket(ctx context.Context, conn *websocket.Conn, f *flow) error {
	for {
		_, message, err := conn.Read(ctx)
		if err != nil {
			return err
		}
		if len(strings.TrimSpace(string(message))) == 0 {
			f.send([]byte("\r\n")) // the keep-alive of RFC 5626
			continue
		}
		if !p.receive(f, message) {
			return errors.New("demopbx: closing")
		}
	}
}

func (p *PBX) writeWebSocket(ctx context.Context, conn *websocket.Conn, f *flow, outbox <-chan []byte) {
	for {
		select {
		case <-ctx.Done():
			return
		case message := <-outbox:
			write, cancel := context.WithTimeout(ctx, writeTimeout)
			err := conn.Write(write, websocket.MessageText, message)
			cancel()
			if err != nil {
				f.close()
				return
			}
		}
	}
}

func (p *PBX) pingWebSocket(ctx context.Context, conn *websocket.Conn, f *flow) {
	ticker := time.NewTicker(p.pingInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			wait, cancel := context.WithTimeout(ctx, p.pongTimeout)
			err := conn.Ping(wait) // its payload is a counter
			cancel()
			if ctx.Err() != nil {
				return
			}
			if err != nil {
				p.log.Warn("WebSocket PING was not answered; closing", "remote", f.remote)
				p.pongsMissed.Add(1)
				f.close()
				return
			}
			p.pongs.Add(1)
		}
	}
}
