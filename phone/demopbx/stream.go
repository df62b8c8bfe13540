package demopbx

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

var (
	errTooLarge  = errors.New("demopbx: SIP message too large")
	errNoLength  = errors.New("demopbx: SIP message on a stream without a valid Content-Length")
	errKeepAlive = errors.New("demopbx: keep-alive")
)

// readMessage reads one SIP message from a stream (RFC 3261 §18.3: Content-Length ends it). A
// double CRLF before a message is a keep-alive (RFC 5626 §3.5.1) and is told as errKeepAlive.
func readMessage(r *bufio.Reader) ([]byte, error) {
	var message []byte
	empty := 0
	for {
		line, err := r.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) || len(message)+len(line) > maxMessage {
			return nil, errTooLarge
		}
		if err != nil {
			return nil, err
		}
		blank := len(bytes.TrimRight(line, "\r\n")) == 0
		if blank && len(message) == 0 {
			if empty++; empty == 2 {
				return nil, errKeepAlive
			}
			continue
		}
		message = append(message, line...)
		if blank {
			break
		}
	}
	length, err := contentLength(message)
	if err != nil {
		return nil, err
	}
	if len(message)+length > maxMessage {
		return nil, errTooLarge
	}
	head := len(message)
	message = append(message, make([]byte, length)...)
	if _, err := io.ReadFull(r, message[head:]); err != nil {
		return nil, err
	}
	return message, nil
}

// contentLength finds the length in the header section. Two different ones are an attack on the framing.
func contentLength(head []byte) (int, error) {
	found := -1
	for line := range bytes.Lines(head) {
		name, value, ok := bytes.Cut(line, []byte(":"))
		if !ok {
			continue
		}
		name = bytes.TrimSpace(name)
		if !bytes.EqualFold(name, []byte("Content-Length")) && !bytes.EqualFold(name, []byte("l")) {
			continue
		}
		n, err := strconv.ParseUint(string(bytes.TrimSpace(value)), 10, 31)
		if err != nil || (found >= 0 && found != int(n)) {
			return 0, errNoLength
		}
		found = int(n)
	}
	if found < 0 {
		return 0, errNoLength
	}
	return found, nil
}

// serveStream runs one TCP or TLS connection until it ends.
func (p *PBX) serveStream(conn net.Conn, transport, local string) {
	outbox := make(chan []byte, outboxSize)
	done := make(chan struct{})
	f := &flow{transport: transport, local: local, remote: conn.RemoteAddr().String(), reliable: true}
	f.shut = func() {
		close(done)
		_ = conn.Close()
	}
	f.write = func(message []byte) {
		select {
		case outbox <- message:
		default:
			f.close()
		}
	}
	if !p.addFlow(f) {
		f.close()
		return
	}
	p.spawn(func() {
		for {
			select {
			case <-done:
				return
			case message := <-outbox:
				_ = conn.SetWriteDeadline(time.Now().Add(writeTimeout))
				if _, err := conn.Write(message); err != nil {
					f.close()
					return
				}
			}
		}
	})
	err := p.readStream(conn, f)
	f.close()
	p.removeFlow(f, err)
}

func (p *PBX) readStream(conn net.Conn, f *flow) error {
	reader := bufio.NewReaderSize(conn, 16<<10)
	for {
		_ = conn.SetReadDeadline(time.Now().Add(idleTimeout))
		message, err := readMessage(reader)
		switch {
		case errors.Is(err, errKeepAlive):
			f.send([]byte("\r\n"))
		case err != nil:
			return fmt.Errorf("%s connection: %w", f.transport, err)
		case !p.receive(f, message):
			return net.ErrClosed
		}
	}
}
