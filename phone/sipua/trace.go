package sipua

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"sync"
	"time"
)

// tracer writes SIP as it went over the wire, secrets removed. It may be used from any goroutine.
type tracer struct {
	mu  sync.Mutex
	out io.Writer
}

var (
	responsePattern = regexp.MustCompile(`(?i)\b(response|rspauth|password)\s*=\s*("[^"]*"|[^,;\s]*)`)
	authLine        = regexp.MustCompile(`(?im)^((?:proxy-)?auth(?:orization|entication-info)\s*:.*(?:\r\n[ \t].*)*)`)
	sdpSecret       = regexp.MustCompile(`(?im)^(a=[ \t]*(?:crypto|ice-pwd|key-mgmt)[ \t]*:|k=)[^\r\n]*`)
	infoStart       = regexp.MustCompile(`(?i)^INFO `)
)

// redact removes digest responses, SDES keys, ICE passwords and the digits of INFO from a message. It
// works on the text, so that a malformed message keeps no secret either.
func redact(message []byte) []byte {
	head, body, found := bytes.Cut(message, headEnd)
	head = authLine.ReplaceAllFunc(head, func(line []byte) []byte {
		return responsePattern.ReplaceAll(line, []byte(`$1="***"`))
	})
	if !found {
		return sdpSecret.ReplaceAll(head, []byte("$1***"))
	}
	if infoStart.Match(bytes.TrimLeft(head, "\r\n")) && len(body) > 0 {
		body = []byte("***")
	}
	body = sdpSecret.ReplaceAll(body, []byte("$1***"))
	return append(append(bytes.Clone(head), headEnd...), body...)
}

func (t *tracer) write(direction, account, transport string, message []byte) {
	if t == nil || t.out == nil {
		return
	}
	text := redact(message)
	t.mu.Lock()
	defer t.mu.Unlock()
	_, _ = fmt.Fprintf(t.out, "--- %s %s %s %s (%d bytes)\n%s\n", time.Now().Format("2006-01-02 15:04:05.000000"),
		account, direction, transport, len(message), text) // a trace that cannot be written must not end a call
}
