package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// Bounds of what a client may take.
const (
	mostLine    = 8192
	mostClients = 32
	lineLimit   = 10 * time.Second // until the command line has come, and for writing a line
)

// Handler is what the running instance does with what comes in. Its methods are called from several goroutines.
type Handler interface {
	// Execute carries out one command line and returns its reply, one JSON object without a line end.
	Execute(ctx context.Context, line string) []byte
	// Events calls write with each event, one JSON object without a line end, until ctx ends or write fails.
	Events(ctx context.Context, write func(line []byte) error) error
	// ShowLink shows the number of a link, in full, and dials it only after a click.
	ShowLink(number string)
}

// Raiser is implemented by a Handler that has a window: a second start brings it up.
type Raiser interface{ Raise() }

// Server is the running instance's ear.
type Server struct {
	listener net.Listener
}

// Listen makes this process the instance of the profile ("" is the user's own). The error is ErrRunning when
// there is one already.
func Listen(profile string) (*Server, error) {
	l, err := listen(profile)
	if err != nil {
		return nil, err
	}
	return &Server{listener: l}, nil
}

// Serve answers clients until ctx ends; then the socket and the lock are free and no goroutine is left.
func (s *Server) Serve(ctx context.Context, h Handler) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var clients sync.WaitGroup
	defer clients.Wait()
	stopped := context.AfterFunc(ctx, func() { _ = s.listener.Close() })
	defer func() {
		if stopped() {
			_ = s.listener.Close()
		}
	}()
	places := make(chan struct{}, mostClients)
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			cancel()
			return fmt.Errorf("control: %w", err)
		}
		select {
		case places <- struct{}{}:
		default: // too many at a time: this one may come again
			_ = conn.Close()
			continue
		}
		clients.Go(func() {
			defer func() { <-places }()
			serveClient(ctx, conn, h)
		})
	}
}

// Close frees the socket of a server that never served.
func (s *Server) Close() error { return s.listener.Close() }

// serveClient answers one connection.
func serveClient(ctx context.Context, conn net.Conn, h Handler) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	defer func() { _ = conn.Close() }()
	if checkPeer(conn) != nil {
		return // not a word to strangers
	}
	_ = conn.SetReadDeadline(time.Now().Add(lineLimit))
	reader := bufio.NewReaderSize(conn, mostLine)
	chunk, err := reader.ReadSlice('\n')
	if err != nil {
		return
	}
	line := strings.TrimRight(string(chunk), "\r\n")
	_ = conn.SetReadDeadline(time.Time{})
	// From here on the client says nothing more; reading only tells when it is gone, and stops what it asked for.
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_, _ = io.Copy(io.Discard, reader)
		cancel()
	}()
	defer func() { _ = conn.Close(); <-gone }()
	write := func(line []byte) error {
		_ = conn.SetWriteDeadline(time.Now().Add(lineLimit))
		_, err := conn.Write(append(line, '\n'))
		return err
	}
	answer(ctx, h, line, write)
}

func answer(ctx context.Context, h Handler, line string, write func([]byte) error) {
	verb, rest, _ := strings.Cut(line, " ")
	switch verb {
	case "events":
		if rest == "" {
			_ = h.Events(ctx, write) // it ends when the client goes
			return
		}
	case "raise":
		if window, ok := h.(Raiser); ok && rest == "" {
			window.Raise()
			_ = write(plainReply("raise", nil))
			return
		}
	case "link":
		number, err := ParseLink(rest)
		if err == nil {
			h.ShowLink(number)
		}
		_ = write(plainReply("link", err))
		return
	}
	_ = write(h.Execute(ctx, line))
}

// plainReply is the reply to what this package answers itself, in the form of every reply.
func plainReply(verb string, err error) []byte {
	reply := struct {
		T     json.Number `json:"t"`
		Reply string      `json:"reply"`
		OK    bool        `json:"ok"`
		Code  phone.Code  `json:"code,omitempty"`
		Error string      `json:"error,omitempty"`
		Text  string      `json:"text,omitempty"`
	}{T: json.Number(fmt.Sprintf("%.6f", float64(time.Now().UnixMicro())/1e6)), Reply: verb, OK: err == nil}
	if err != nil {
		reply.Code, reply.Error, reply.Text = phone.ErrInvalidNumber.Code, phone.ErrInvalidNumber.Name, err.Error()
	}
	line, err := json.Marshal(reply)
	if err != nil { // cannot be: all of it is ours
		return []byte(`{"ok":false}`)
	}
	return line
}

// ErrReply: the instance answered with something that is no reply.
var ErrReply = errors.New("control: the instance gave no reply")
