package sipua

import (
	"bytes"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
)

var crlf = []byte("\r\n")

// unfolded puts a header's lines together (RFC 3261 §7.3.1).
var unfolded = strings.NewReplacer("\r\n ", " ", "\r\n\t", " ")

// stream frames SIP on TCP and TLS by Content-Length (RFC 3261 §18.3), and speaks the keep-alive of
// RFC 5626 §3.5.1: CRLF CRLF asks, CRLF answers.
type stream struct {
	raw     net.Conn
	control func([]byte)
	buffer  []byte // unread bytes
	chunk   []byte
	pinged  atomic.Bool // a keep-alive of ours awaits its answer
	ponged  atomic.Bool // one was answered
	unasked atomic.Bool // a line end came that answered none
}

func newStream(raw net.Conn, control func([]byte)) *stream {
	return &stream{raw: raw, control: control, chunk: make([]byte, 16<<10)}
}

func (s *stream) frame(message []byte) []byte { return message }
func (s *stream) pongDue() bool               { return s.ponged.Load() && !s.unasked.Load() }
func (s *stream) farewell() []byte            { return nil }

func (s *stream) keepAlive() []byte {
	s.pinged.Store(true)
	return []byte("\r\n\r\n")
}

func (s *stream) next() ([]byte, error) {
	for {
		if s.skipBlank() {
			return nil, nil // counts as heard
		}
		n, err := messageLength(s.buffer)
		if err != nil {
			return nil, err
		}
		if n > 0 && len(s.buffer) >= n {
			message := bytes.Clone(s.buffer[:n])
			s.buffer = append(s.buffer[:0], s.buffer[n:]...)
			return message, nil
		}
		read, err := s.raw.Read(s.chunk)
		s.buffer = append(s.buffer, s.chunk[:read]...)
		if err != nil {
			return nil, err
		}
	}
}

// skipBlank drops the line ends before a message: two of them are the server's own keep-alive, one with nothing behind it
// is an answer to ours. It reports whether there was nothing else.
func (s *stream) skipBlank() (nothingElse bool) {
	for bytes.HasPrefix(s.buffer, crlf) {
		if bytes.HasPrefix(s.buffer, headEnd) {
			s.control(crlf)
			s.buffer = s.buffer[4:]
		} else {
			s.buffer = s.buffer[2:]
			if len(s.buffer) == 0 {
				s.pong()
			}
		}
		nothingElse = len(s.buffer) == 0
	}
	return nothingElse
}

// pong notes that the server answers keep-alives. One that sends line ends unasked may not: they tell nothing then.
func (s *stream) pong() {
	if !s.pinged.Swap(false) {
		s.unasked.Store(true)
	}
	s.ponged.Store(true)
}

// messageLength finds where the first message in data ends; 0: not known yet.
func messageLength(data []byte) (int, error) {
	end := bytes.Index(data, headEnd)
	if end > maxHead || end < 0 && len(data) > maxHead {
		return 0, errTooLarge
	}
	if end < 0 {
		return 0, nil
	}
	length := uint64(0)
	for _, line := range strings.Split(unfolded.Replace(string(data[:end])), "\r\n")[1:] {
		name, value, _ := strings.Cut(line, ":")
		name = strings.TrimRight(name, " \t")
		if !strings.EqualFold(name, "Content-Length") && !strings.EqualFold(name, "l") {
			continue
		}
		n, err := strconv.ParseUint(strings.Trim(value, " \t"), 10, 31)
		if err != nil {
			return 0, fmt.Errorf("%w: Content-Length", errMalformed) // no boundary left to trust
		}
		length = n
	}
	if length > maxMessage-maxHead {
		return 0, errTooLarge
	}
	return end + len(headEnd) + int(length), nil
}

// datagrams frames SIP on UDP: one datagram, one message. The socket is connected, so that the
// system itself drops what other addresses than the server's send.
type datagrams struct {
	raw    net.Conn
	buffer [64 << 10]byte
}

func (d *datagrams) frame(message []byte) []byte { return message }
func (d *datagrams) keepAlive() []byte           { return []byte("\r\n\r\n") }
func (d *datagrams) pongDue() bool               { return false }
func (d *datagrams) farewell() []byte            { return nil }

func (d *datagrams) next() ([]byte, error) {
	n, err := d.raw.Read(d.buffer[:])
	if err != nil {
		return nil, err
	}
	return bytes.Clone(bytes.TrimLeft(d.buffer[:n], "\r\n\x00 ")), nil
}
