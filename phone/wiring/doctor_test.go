package wiring_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pion/turn/v5"

	"github.com/hookswitch/hookswitch/phone/headless"
)

// pbxThat answers each method by UDP with a status.
func pbxThat(t *testing.T, answers map[string]string) (address string) {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		packet := make([]byte, 65536)
		for {
			n, from, err := conn.ReadFrom(packet)
			if err != nil {
				return
			}
			lines := strings.Split(string(packet[:n]), "\r\n")
			method, _, _ := strings.Cut(lines[0], " ")
			status, known := answers[method]
			if !known {
				continue
			}
			reply := "SIP/2.0 " + status + "\r\n"
			for _, line := range lines {
				switch name, _, _ := strings.Cut(line, ":"); name {
				case "Via", "From", "Call-ID", "CSeq", "Contact":
					reply += line + "\r\n"
				case "To":
					reply += line + ";tag=pbx\r\n"
				}
			}
			_, _ = conn.WriteTo([]byte(reply+"Expires: 60\r\nContent-Length: 0\r\n\r\n"), from)
		}
	}()
	return conn.LocalAddr().String()
}

// certified is a TLS server whose certificate is for a name and until a time, and the file that vouches for it.
func certified(t *testing.T, name string, until time.Time) (address, ca string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: until, IsCA: true, BasicConstraintsValid: true}
	if ip := net.ParseIP(name); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{name}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	ca = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	listener, err := tls.Listen("tcp4", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(io.Discard, conn); _ = conn.Close() }()
		}
	}()
	return listener.Addr().String(), ca
}

// diagnose runs the doctor on an account.
func diagnose(t *testing.T, account string) (well bool, report headless.Report) {
	t.Helper()
	var out bytes.Buffer
	well, err := flagsOf(t, "-json", "-allow-silence", "-account", "-").Doctor(t.Context(), strings.NewReader(account+"\n"), &out, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "hunter2") {
		t.Errorf("the report tells a password: %s", out.String())
	}
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	return well, report
}

func TestTheDoctorSaysOfARealServerWhatIsWrongAndWhatToDo(t *testing.T) {
	gone, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := gone.Addr().String()
	if err := gone.Close(); err != nil {
		t.Fatal(err)
	}
	expired, expiredCA := certified(t, "127.0.0.1", time.Now().Add(-time.Hour))
	other, otherCA := certified(t, "other.example", time.Now().Add(time.Hour))
	unknown, _ := certified(t, "127.0.0.1", time.Now().Add(time.Hour))
	for name, c := range map[string]struct {
		server, ca string
		want       headless.Reason
		status     int
		says       string
	}{
		"no such name":     {"tls:pbx.invalid:5061", "", headless.ReasonNameUnknown, 0, "pbx.invalid"},
		"closed port":      {"tcp:" + closed, "", headless.ReasonUnreachable, 0, "nothing listens"},
		"out of date":      {"tls:" + expired, expiredCA, headless.ReasonCertificate, 0, "out of date"},
		"another name":     {"tls:" + other, otherCA, headless.ReasonCertificate, 0, "another name"},
		"not trusted":      {"tls:" + unknown, "", headless.ReasonCertificate, 0, "vouches"},
		"forbidden":        {"udp:" + pbxThat(t, map[string]string{"REGISTER": "403 Forbidden"}), "", headless.ReasonForbidden, 403, "SIP status 403 Forbidden"},
		"unknown user":     {"udp:" + pbxThat(t, map[string]string{"REGISTER": "404 Not Found"}), "", headless.ReasonUserUnknown, 404, "no such user"},
		"media refused":    {"udp:" + pbxThat(t, map[string]string{"REGISTER": "200 OK", "INVITE": "488 Not Acceptable Here"}), "", headless.ReasonMediaRefused, 488, "SIP status 488 Not Acceptable Here"},
		"unknown number":   {"udp:" + pbxThat(t, map[string]string{"REGISTER": "200 OK", "INVITE": "404 Not Found"}), "", headless.ReasonNumber, 404, "-number"},
		"call not allowed": {"udp:" + pbxThat(t, map[string]string{"REGISTER": "200 OK", "INVITE": "403 Forbidden"}), "", headless.ReasonForbidden, 403, "dial plan"},
	} {
		t.Run(name, func(t *testing.T) {
			well, r := diagnose(t, fmt.Sprintf(`{"uri":"sip:1001@127.0.0.1","password":"hunter2","server":%q,"ca":%q}`, c.server, c.ca))
			if well || r.OK || r.Reason != c.want || r.Status != c.status || !strings.Contains(r.Text, c.says) {
				t.Errorf("%s, status %d: %s", r.Reason, r.Status, r.Text)
			}
		})
	}
}

func TestTheDoctorAsksTheAccountsRelays(t *testing.T) {
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server, err := turn.NewServer(turn.ServerConfig{Realm: "hookswitch.test",
		AuthHandler: func(r *turn.RequestAttributes) (string, []byte, bool) {
			return r.Username, turn.GenerateAuthKey("ann", r.Realm, "hunter2"), r.Username == "ann"
		},
		PacketConnConfigs: []turn.PacketConnConfig{{PacketConn: conn,
			RelayAddressGenerator: &turn.RelayAddressGeneratorStatic{RelayAddress: net.IPv4(127, 0, 0, 1), Address: "127.0.0.1"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Close() }()
	at := conn.LocalAddr().String()
	account := fmt.Sprintf(`{"uri":"sip:1001@127.0.0.1","password":"hunter2","server":"udp:%s","media":"webrtc","iceServers":[`+
		`{"urls":["turn:%s","stun:%s"],"username":"ann","credential":"hunter2"},{"urls":["turn:%s"],"username":"ann","credential":"hunter22"}]}`,
		pbxThat(t, map[string]string{"REGISTER": "403 Forbidden"}), at, at, at)
	_, r := diagnose(t, account)
	if len(r.Relays) != 3 || r.Reason != headless.ReasonForbidden {
		t.Fatalf("report = %+v", r)
	}
	if good := r.Relays[0]; !good.OK || !strings.HasPrefix(good.Relayed, "127.0.0.1:") || !strings.HasPrefix(good.Mapped, "127.0.0.1:") {
		t.Errorf("the relay: %+v", good)
	}
	if stun := r.Relays[1]; !stun.OK || stun.Relayed != "" || !strings.HasPrefix(stun.Mapped, "127.0.0.1:") {
		t.Errorf("STUN: %+v", stun)
	}
	if bad := r.Relays[2]; bad.OK || bad.Reason != headless.ReasonRelayRefused {
		t.Errorf("with a wrong password: %+v", bad)
	}
	var text bytes.Buffer
	if well, err := flagsOf(t, "-allow-silence", "-account", "-").Doctor(t.Context(), strings.NewReader(account), &text, io.Discard); well || err != nil {
		t.Errorf("well %v, %v", well, err)
	}
	for _, line := range []string{"ok    relay         turn:" + at + " takes the password", "warn  relay         turn:" + at + " refuses us (4", "FAIL  registration", "Not well: forbidden (SIP status 403)\n"} {
		if !strings.Contains(text.String(), line) {
			t.Errorf("no %q in\n%s", line, text.String())
		}
	}
}
