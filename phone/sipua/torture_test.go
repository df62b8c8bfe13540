package sipua

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/hookswitch/hookswitch/phone"
)

// torture returns the messages of RFC 4475, by name, as sipgo's module carries them.
func torture(t testing.TB) map[string][]byte {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/emiago/sipgo").Output()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(dir)), "sip/testdata/torture/*/*.dat"))
	if err != nil || len(files) < 45 {
		t.Fatalf("%d torture messages: %v", len(files), err)
	}
	messages := make(map[string][]byte)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		messages[strings.TrimSuffix(filepath.Base(file), ".dat")] = data
	}
	return messages
}

// TestTortureMessages sends RFC 4475 through the receive path: nothing breaks, and what can be answered is answered.
func TestTortureMessages(t *testing.T) {
	wanted := map[string]int{ // the first answer; 0: none
		"badaspec": 400, "badbranch": 200, "baddate": 100, "baddn": 0, "badinv01": 400, "badvers": 505, "bcast": 0,
		"bext01": 420, "bigcode": 0, "clerr": 400, "cparam01": 405, "cparam02": 405, "dblreq": 405, "esc01": 100,
		"esc02": 501, "escnull": 405, "escruri": 400, "insuf": 0, "intmeth": 501, "inv2543": 100, "invut": 415,
		"longreq": 100, "ltgtruri": 400, "lwsdisp": 200, "lwsruri": 400, "lwsstart": 400, "mcl01": 400, "mismatch01": 400,
		"mismatch02": 400, "mpart01": 405, "multi01": 400, "ncl": 400, "noreason": 0, "novelsc": 416, "quotbal": 400,
		"regaut01": 405, "regbadct": 405, "regescrt": 405, "scalar02": 400, "scalarlg": 0, "sdp01": 100, "semiuri": 200,
		"test": 0, "transports": 200, "trws": 200, "unkscm": 416, "unksm2": 405, "unreason": 0, "wsinv": 481,
		"zeromf": 200,
	}
	for name, data := range torture(t) {
		t.Run(name, func(t *testing.T) {
			inMemory(t, anAccount("udp"), func(s *stage) {
				p := s.register()
				p.send(string(data))
				p.send(theirs("OPTIONS", 1, "after", "", ""))
				got := 0
				for {
					m := p.next("an answer")
					if _, method := m.cseq(); m.callID() == "their-call" && method == "OPTIONS" {
						break
					}
					if got == 0 {
						got = m.status
					}
				}
				want, known := wanted[name]
				if !known || got != want {
					t.Errorf("%q: %d,", name, got)
				}
			})
		})
	}
}

// TestTortureOverWebSocket: the connection survives them all.
func TestTortureOverWebSocket(t *testing.T) {
	account := anAccount("ws")
	messages := torture(t)
	inMemory(t, account, func(s *stage) {
		s.line.Register(time.Hour)
		p := s.acceptWebSocket("/")
		event[phone.TransportUp](s)
		register := p.message(ws.OpText)
		for _, data := range messages {
			p.send(ws.NewBinaryFrame(data))
		}
		p.send(ws.NewTextFrame(responseTo(register, 200, "r").bytes()))
		for e := range s.events {
			if done, ok := e.(phone.RegisterDone); ok {
				if done.Status != 200 {
					t.Errorf("%+v", done)
				}
				break
			}
		}
	})
}

// FuzzMessage: what can be read can be written, and is then read the same.
func FuzzMessage(f *testing.F) {
	for _, data := range torture(f) {
		f.Add(data)
	}
	f.Add([]byte(invite("x", theirSDP)))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := parseMessage(data)
		if m == nil {
			return
		}
		partyOf(m)
		sdpOf(m)
		redact(data)
		new(line).dialogOfRequest(m, "t")
		responseTo(m, 400, "t").bytes()
		if err != nil {
			return
		}
		again, err := parseMessage(m.bytes())
		if err != nil {
			t.Fatalf("%q is read, but not as %q: %v", data, m.bytes(), err)
		}
		if !bytes.Equal(again.bytes(), m.bytes()) {
			t.Fatalf("%q changes to %q", m.bytes(), again.bytes())
		}
	})
}

// FuzzStream: any bytes on a stream have a boundary, or none, or end the connection.
func FuzzStream(f *testing.F) {
	f.Add([]byte(invite("x", theirSDP)))
	f.Add([]byte("A sip:a SIP/2.0\r\nl: 99999999999\r\n\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if n, err := messageLength(data); err == nil && n > maxHead+maxMessage {
			t.Errorf("%d", n)
		}
	})
}

// FuzzAddress: addresses and URIs of others never lead to a line of ours.
func FuzzAddress(f *testing.F) {
	for _, seed := range []string{`"A \"b\"" <sip:a@b;x=y>;tag=1`, "sip:a@b;tag=2", "<tel:+49>", "<sip:%0d%0aX@h>", `"`, "<", "*"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		p := partyFrom(value)
		if strings.ContainsAny(p.Name+p.Number, "\r\n\x00") || len([]rune(p.Name)) > maxName || len([]rune(p.Number)) > maxNumber {
			t.Errorf("%q leads to %+v", value, p)
		}
		withoutTag(value)
		splitList(value)
		parseURI(value)
		looseRouter(value)
	})
}
