package sipua

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"unicode/utf8"

	"github.com/gobwas/ws"
)

var errWebSocket = errors.New("the server breaks the WebSocket protocol")

// webSocket frames SIP on WebSocket (RFC 7118): a frame or its fragments, text or binary, hold one message.
// It answers PING and CLOSE itself.
type webSocket struct {
	in      io.Reader
	control func([]byte)
}

// upgrade does the WebSocket handshake for the subprotocol "sip" (RFC 7118 §4).
func upgrade(raw net.Conn, u *url.URL, control func([]byte)) (*webSocket, error) {
	buffered, shake, err := ws.Dialer{Protocols: []string{"sip"}}.Upgrade(raw, u)
	if err != nil {
		return nil, fmt.Errorf("WebSocket handshake: %w", err)
	}
	if shake.Protocol != "sip" {
		return nil, fmt.Errorf("%w: it does not speak the subprotocol sip", errWebSocket)
	}
	if buffered != nil { // the first frame came with the handshake
		return &webSocket{buffered, control}, nil
	}
	return &webSocket{bufio.NewReaderSize(raw, 16<<10), control}, nil
}

func (w *webSocket) frame(message []byte) []byte {
	f := ws.NewTextFrame(message)
	if !utf8.Valid(message) { // text frames must be UTF-8 (RFC 6455 §5.6)
		f = ws.NewBinaryFrame(message)
	}
	return compile(f)
}

func (w *webSocket) keepAlive() []byte { return compile(ws.NewPingFrame([]byte("hookswitch"))) }
func (w *webSocket) pongDue() bool     { return true }
func (w *webSocket) farewell() []byte {
	return compile(ws.NewCloseFrame(ws.NewCloseFrameBody(ws.StatusNormalClosure, "")))
}

// compile masks a frame, as a client must (RFC 6455 §5.3), and makes it one write.
func compile(f ws.Frame) []byte {
	raw, err := ws.CompileFrame(ws.MaskFrame(f))
	if err != nil { // only a header that cannot be written fails, and ours can
		return nil
	}
	return raw
}

func (w *webSocket) next() ([]byte, error) {
	var message []byte
	started := false
	for {
		h, err := ws.ReadHeader(w.in)
		if err != nil {
			return nil, err
		}
		switch {
		case h.Masked, h.Rsv != 0, h.OpCode.IsReserved():
			return nil, w.abort(ws.StatusProtocolError, errWebSocket)
		case h.OpCode.IsControl():
			if err := w.onControl(h); err != nil {
				return nil, err
			}
			if !started {
				return nil, nil // counts as heard
			}
			continue
		case started != (h.OpCode == ws.OpContinuation):
			return nil, w.abort(ws.StatusProtocolError, errWebSocket)
		case h.Length < 0 || h.Length > int64(maxMessage-len(message)):
			return nil, w.abort(ws.StatusMessageTooBig, errTooLarge)
		}
		started = true
		var part bytes.Buffer // grows with what really comes, not with what the header claims
		if _, err := io.CopyN(&part, w.in, h.Length); err != nil {
			return nil, err
		}
		message = append(message, part.Bytes()...)
		if h.Fin {
			return w.withoutKeepAlive(message), nil
		}
	}
}

// withoutKeepAlive answers the CRLF keep-alive that some servers send in a frame of its own.
func (w *webSocket) withoutKeepAlive(message []byte) []byte {
	rest := bytes.TrimLeft(message, "\r\n")
	if len(rest) == 0 && bytes.Equal(message, headEnd) {
		w.control(w.frame(crlf))
	}
	return rest
}

func (w *webSocket) onControl(h ws.Header) error {
	if !h.Fin || h.Length > ws.MaxControlFramePayloadSize {
		return w.abort(ws.StatusProtocolError, errWebSocket)
	}
	payload := make([]byte, h.Length)
	if _, err := io.ReadFull(w.in, payload); err != nil {
		return err
	}
	switch h.OpCode {
	case ws.OpPing:
		w.control(compile(ws.NewPongFrame(payload)))
	case ws.OpClose:
		code, reason := ws.ParseCloseFrameData(payload)
		return w.abort(ws.StatusNormalClosure, fmt.Errorf("the server closed the WebSocket: %d %s", code, displayText(reason, maxName)))
	}
	return nil
}

// abort says Close, which ends the connection properly, whoever began (RFC 6455 §7.1.2).
func (w *webSocket) abort(code ws.StatusCode, err error) error {
	w.control(compile(ws.NewCloseFrame(ws.NewCloseFrameBody(code, ""))))
	return parting{err}
}
