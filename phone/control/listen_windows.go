package control

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/Microsoft/go-winio"
	"golang.org/x/sys/windows"
)

// pipe is the instance's pipe. The user's SID is part of its name, since the names are the whole machine's.
func pipe(profile string) (path, sid string, err error) {
	name, err := nameOf(profile)
	if err != nil {
		return "", "", err
	}
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return "", "", fmt.Errorf("control: %w", err)
	}
	sid = user.User.Sid.String()
	return `\\.\pipe\` + name + "-" + sid, sid, nil
}

// listen makes the pipe; its security descriptor lets in this user and nobody else. go-winio asks
// for the first instance, so a pipe that exists already means ErrRunning.
func listen(profile string) (net.Listener, error) {
	path, sid, err := pipe(profile)
	if err != nil {
		return nil, err
	}
	l, err := winio.ListenPipe(path, &winio.PipeConfig{SecurityDescriptor: "D:P(A;;GA;;;" + sid + ")"})
	if errors.Is(err, windows.ERROR_ACCESS_DENIED) || errors.Is(err, windows.ERROR_PIPE_BUSY) {
		return nil, ErrRunning
	}
	if err != nil {
		return nil, fmt.Errorf("control: %w", err)
	}
	return l, nil
}

// dial connects to the running instance.
func dial(ctx context.Context, profile string) (net.Conn, error) {
	path, _, err := pipe(profile)
	if err != nil {
		return nil, err
	}
	conn, err := winio.DialPipeContext(ctx, path)
	if err != nil {
		return nil, ErrNotRunning // whatever the reason: nobody is there for us
	}
	return conn, nil
}

// checkPeer: the pipe's security descriptor has let in this user only.
func checkPeer(net.Conn) error { return nil }
