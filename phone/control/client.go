package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// connectLimit is how long a client waits for a connection. Replies may take longer: a command waits
// for the first registration.
const connectLimit = 2 * time.Second

// Send gives one command line to the running instance and returns its reply line and whether the
// command was accepted. The error wraps ErrNotRunning when there is no instance.
func Send(ctx context.Context, profile, line string) (reply []byte, accepted bool, err error) {
	err = talk(ctx, profile, line, func(r *bufio.Reader) error {
		reply, err = r.ReadBytes('\n')
		if err != nil {
			return fmt.Errorf("%w: %w", ErrReply, err)
		}
		return nil
	})
	if err != nil {
		return nil, false, err
	}
	var outcome struct {
		OK bool `json:"ok"`
	}
	if err := json.Unmarshal(reply, &outcome); err != nil {
		return nil, false, fmt.Errorf("%w: %w", ErrReply, err)
	}
	return reply, outcome.OK, nil
}

// SendLink hands a link over to the running instance, which shows its number.
func SendLink(ctx context.Context, profile, link string) (reply []byte, accepted bool, err error) {
	if _, err := ParseLink(link); err != nil {
		return nil, false, err
	}
	return Send(ctx, profile, "link "+link)
}

// Events copies the running instance's events to out until ctx ends (nil) or the instance does.
func Events(ctx context.Context, profile string, out io.Writer) error {
	err := talk(ctx, profile, "events", func(r *bufio.Reader) error {
		_, err := io.Copy(out, r)
		return err
	})
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func talk(ctx context.Context, profile, line string, read func(*bufio.Reader) error) error {
	if len(line) >= mostLine || strings.ContainsAny(line, "\r\n\x00") {
		return errors.New("control: a command is one line")
	}
	connecting, cancel := context.WithTimeout(ctx, connectLimit)
	defer cancel()
	conn, err := dial(connecting, profile)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	if err := checkPeer(conn); err != nil {
		return err
	}
	if _, err := io.WriteString(conn, line+"\n"); err != nil {
		return fmt.Errorf("control: %w", err)
	}
	return read(bufio.NewReader(conn))
}
