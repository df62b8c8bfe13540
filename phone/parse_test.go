package phone

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
)

const ha1OfTests = "0123456789abcdef0123456789ABCDEF"

func TestParseAccountReadsEveryFieldOfAutomation(t *testing.T) {
	a, err := ParseAccount([]byte(`{"uri":"sip:1001@pbx.example","server":"wss://pbx.example/ws?exten=1001",
		"username":"u1001","ha1":"` + ha1OfTests + `","realm":"pbx","media":"webrtc","displayName":"Ann",
		"iceServers":[{"urls":["turn:turn.example:3478?transport=udp"],"username":"x","credential":"y"}],
		"ca":"/etc/ca.pem","recordCode":"*1","recordPermissions":1,"maxCalls":4,
		"ringLimit":60,"earlyReplaces":true,"referConsultation":true,"autoAnswer":true}`))
	if err != nil {
		t.Fatal(err)
	}
	if a.ID != "1001@pbx.example" || a.URI != "sip:1001@pbx.example" || a.Server != "wss://pbx.example/ws?exten=1001" ||
		a.Username != "u1001" || a.Secret.HA1() != strings.ToLower(ha1OfTests) || a.Realm != "pbx" || a.Media != MediaWebRTC ||
		a.DisplayName != "Ann" || len(a.ICEServers) != 1 || a.ICEServers[0].Credential != "y" || a.CA != "/etc/ca.pem" ||
		a.RecordCode != "*1" || a.RecordPermissions != 1 || a.MaxCalls != 4 ||
		a.RingLimit != time.Minute || !a.EarlyReplaces || !a.ReferConsultation || !a.AutoAnswer {
		t.Errorf("account = %+v", a)
	}
}

func TestParseAccountAllowsEveryRecordingUnlessTold(t *testing.T) {
	a, err := ParseAccount([]byte(`{"uri":"1001@pbx.example:5070"}`))
	if err != nil || a.RecordPermissions != 2 || a.URI != "sip:1001@pbx.example:5070" {
		t.Errorf("account = %+v, %v", a, err)
	}
	a, err = ParseAccount([]byte(`{"uri":"sip:1001@pbx.example","recordPermissions":0}`))
	if err != nil || a.RecordPermissions != 0 {
		t.Errorf("account = %+v, %v", a, err)
	}
}

func TestParseAccountRefusesAndNeverQuotesASecret(t *testing.T) {
	for name, text := range map[string]string{
		"unknown field":         `{"uri":"sip:1@p","passwort":"hunter2"}`,
		"no object":             `["hunter2"]`,
		"cut off":               `{"uri":"sip:1@p","password":"hunter2`,
		"something behind":      `{"uri":"sip:1@p","password":"hunter2"} x`,
		"number as password":    `{"uri":"sip:1@p","password":7777777}`,
		"both secrets":          `{"uri":"sip:1@p","password":"hunter2","ha1":"` + ha1OfTests + `"}`,
		"short ha1":             `{"uri":"sip:1@p","ha1":"hunter2"}`,
		"no address":            `{"password":"hunter2"}`,
		"no user":               `{"uri":"sip:pbx.example","password":"hunter2"}`,
		"parameters":            `{"uri":"sip:1@p;hunter2=1"}`,
		"unknown transport":     `{"uri":"sip:1@p","server":"http://hunter2"}`,
		"secret in the server":  `{"uri":"sip:1@p","server":"wss://u:hunter2@p/ws"}`,
		"port too high":         `{"uri":"sip:1@p","server":"udp:p:65536"}`,
		"unknown encryption":    `{"uri":"sip:1@p","encryption":"hunter2"}`,
		"encryption of no kind": `{"uri":"sip:1@p","media":"rtp","encryption":"required"}`,
		"the same, preferred":   `{"uri":"sip:1@p","media":"rtp","encryption":"preferred"}`,
		"WebRTC in the clear":   `{"uri":"sip:1@p","media":"webrtc","encryption":"off"}`,
		"the same, unsaid":      `{"uri":"sip:1@p","server":"wss://pbx.example","encryption":"off"}`,
		"encryption as number":  `{"uri":"sip:1@p","encryption":1}`,
		"ports of nobody":       `{"uri":"sip:1@p","mediaPorts":"99999-1"}`,
		"ports as number":       `{"uri":"sip:1@p","mediaPorts":16384}`,
		"unknown media":         `{"uri":"sip:1@p","media":"hunter2"}`,
		"permissions":           `{"uri":"sip:1@p","recordPermissions":3}`,
		"too many calls":        `{"uri":"sip:1@p","maxCalls":9}`,
		"ring limit":            `{"uri":"sip:1@p","ringLimit":3601}`,
		"negative ring limit":   `{"uri":"sip:1@p","ringLimit":-1}`,
		"record code":           `{"uri":"sip:1@p","recordCode":"hunter2"}`,
		"line break":            `{"uri":"sip:1@p","displayName":"a\r\nhunter2: b"}`,
		"quotation in username": `{"uri":"sip:1@p","username":"a\"hunter2"}`,
		"ice scheme":            `{"uri":"sip:1@p","iceServers":[{"urls":["http:hunter2"]}]}`,
		"ice without address":   `{"uri":"sip:1@p","iceServers":[{"username":"hunter2"}]}`,
		"empty":                 ``,
		"huge":                  `{"uri":"` + strings.Repeat("hunter2", 20000) + `"}`,
	} {
		_, err := ParseAccount([]byte(text))
		if !errors.Is(err, ErrAccountInvalid) {
			t.Errorf("%s: error %v does not wrap ErrAccountInvalid", name, err)
			continue
		}
		if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "7777777") {
			t.Errorf("%s: the error tells the secret: %v", name, err)
		}
	}
}

func TestAnAccountsHostIsItsServersOrItsDomain(t *testing.T) {
	for server, want := range map[string]string{"": "pbx.example", "wss://edge.example:8089/ws": "edge.example", "tcp:edge.example:5070;lr": "edge.example",
		"udp:edge.example;lr": "edge.example", "udp:[2001:db8::1];lr": "2001:db8::1"} {
		if got := (Account{URI: "sip:1001@pbx.example", Server: server}).Host(); got != want {
			t.Errorf("%q: %q, want %q", server, got, want)
		}
	}
}

func TestServersOfEveryTransportAreAccepted(t *testing.T) {
	for _, server := range []string{"", "wss://pbx.example", "ws://127.0.0.1:8080/ws", "wss://[::1]:8089/ws?exten=1", "tls:pbx:5061",
		"tcp:10.0.0.1", "udp:[2001:db8::1]:5060", "udp:[::1]", "udp:edge.example;lr", "tls:[::1]:5071;lr"} {
		if err := checkServer(server); err != nil {
			t.Errorf("%q is refused: %v", server, err)
		}
	}
	for _, server := range []string{"pbx.example", "wss:pbx", "ws://", "udp:", "udp:::1", "udp:[::1", "udp:[::1]x", "tcp:a b:1", "tcp:a:0", "tcp:-a", "ws://a;lr", "udp:;lr",
		"udp:a;lr=1", "udp:a;maddr=b"} {
		if checkServer(server) == nil {
			t.Errorf("%q is accepted", server)
		}
	}
}

func TestTargetURIReadsWhatPeopleType(t *testing.T) {
	account := Account{URI: "sip:1001@pbx.example:5070"}
	for typed, want := range map[string]string{
		"600":                      "sip:600@pbx.example:5070",
		" 6 0-0 ":                  "sip:600@pbx.example:5070",
		"+49 (0)30 / 12-34.5":      "sip:+493012345@pbx.example:5070",
		"(030)\u00a012\u201134":    "sip:0301234@pbx.example:5070",
		"*43#":                     "sip:*43%23@pbx.example:5070",
		"alice":                    "sip:alice@pbx.example:5070",
		"john.doe-1":               "sip:john.doe-1@pbx.example:5070",
		"jürgen":                   "sip:j%C3%BCrgen@pbx.example:5070",
		"600@other.example":        "sip:600@other.example",
		"sip:600@other.example:99": "sip:600@other.example:99",
		"SIPS:a%23@[::1]:5061":     "sips:a%23@[::1]:5061",
		"sip:600":                  "sip:600@pbx.example:5070",
		"sips:600":                 "sips:600@pbx.example:5070",
		"tel:+49-30-12":            "sip:+493012@pbx.example:5070",
	} {
		got, err := TargetURI(typed, account)
		if err != nil || got != want {
			t.Errorf("TargetURI(%q) = %q, %v; want %q", typed, got, err, want)
		}
	}
}

func TestTargetURIRefusesWhatCannotOrMustNotBeDialled(t *testing.T) {
	account := Account{URI: "sip:1001@pbx.example"}
	for _, typed := range []string{"", "  ", "-", "+", "4+9", "60\r\n0", "600\x00", "600\x7f", "6\u20280", "\xff600", "600;transport=tcp", "sip:6@p?Subject=x",
		`"Ann" <sip:6@p>`, "<600>", "a'b", "sip:@p", "sip:u:pw@p", "a@b@c", "a b@c", "a@b c", "http://p/", "sip:%0d%0a@p", "sip:%zz@p", "sip:%@p",
		"a\u202e@p", "tel:6@p", "6,0", "a@-b", "a@b:0", "a@", "@", "alice bob", strings.Repeat("6", 129)} {
		if got, err := TargetURI(typed, account); !errors.Is(err, ErrInvalidNumber) {
			t.Errorf("TargetURI(%q) = %q, %v; want ErrInvalidNumber", typed, got, err)
		}
	}
	if _, err := TargetURI("600", Account{}); !errors.Is(err, ErrInvalidNumber) {
		t.Errorf("an account without an address: %v", err)
	}
}

func TestCheckHeaderLetsOwnHeadersPassAndKeepsTheDialogs(t *testing.T) {
	for _, h := range []Header{{"X-Customer", "12 34"}, {"Subject", "Grüße"}, {"Alert-Info", "<urn:alert:source:internal>"}, {"P-Preferred-Identity", "\tx"}, {"X-Empty", ""}} {
		if err := CheckHeader(h); err != nil {
			t.Errorf("%v is refused: %v", h, err)
		}
	}
	for _, h := range []Header{{"", "x"}, {"X A", "x"}, {"X:", "x"}, {"X\r\nVia", "x"}, {"Ü", "x"}, {strings.Repeat("X", 65), "x"},
		{"X-A", "a\r\nVia: b"}, {"X-A", "a\nb"}, {"X-A", "a\x00"}, {"X-A", "\xff"}, {"X-A", strings.Repeat("x", 1025)},
		{"Via", "x"}, {"v", "x"}, {"ROUTE", "x"}, {"Record-Route", "x"}, {"Contact", "x"}, {"M", "x"}, {"Call-ID", "x"}, {"i", "x"}, {"CSeq", "x"},
		{"From", "x"}, {"f", "x"}, {"To", "x"}, {"t", "x"}, {"Max-Forwards", "x"}, {"Authorization", "x"}, {"Proxy-Authorization", "x"},
		{"Content-Type", "x"}, {"content-anything", "x"}, {"c", "x"}, {"l", "x"}, {"e", "x"}, {"Supported", "x"}, {"k", "x"}, {"Require", "x"},
		{"Proxy-Require", "x"}, {"Refer-To", "x"}, {"r", "x"}, {"Replaces", "x"}, {"Session-Expires", "x"}, {"x", "x"}} {
		if err := CheckHeader(h); !errors.Is(err, ErrHeaderNotAllowed) {
			t.Errorf("CheckHeader(%q) = %v, want ErrHeaderNotAllowed", h, err)
		}
	}
}

func FuzzParseAccount(f *testing.F) {
	f.Add([]byte(`{"uri":"sip:1001@pbx.example","password":"p","server":"udp:[::1]:5060","iceServers":[{"urls":["stun:s"]}]}`))
	f.Add([]byte(`{"uri":"sip:1@p","ha1":"` + ha1OfTests + `"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := ParseAccount(data)
		if err != nil {
			if !errors.Is(err, ErrAccountInvalid) {
				t.Fatalf("error %v does not wrap ErrAccountInvalid", err)
			}
			return
		}
		if err := CheckAccount(a); err != nil {
			t.Fatalf("what was parsed does not pass the check: %v", err)
		}
		if _, err := TargetURI("600", a); err != nil {
			t.Fatalf("600 cannot be dialled on a parsed account %q: %v", a.URI, err)
		}
		if text, err := json.Marshal(a); err != nil || a.Secret.Password() != "" && len(a.Secret.Password()) > 3 && strings.Contains(string(text), `"Secret":"`+a.Secret.Password()) {
			t.Fatalf("the secret is in the account's JSON: %s, %v", text, err)
		}
	})
}

func FuzzTargetURI(f *testing.F) {
	for _, seed := range []string{"600", "+49 (0)30/1", "sip:a%23@[::1]:5061", "jürgen@p", "tel:+4", "*43#"} {
		f.Add(seed)
	}
	account := Account{URI: "sip:1001@pbx.example"}
	f.Fuzz(func(t *testing.T, typed string) {
		target, err := TargetURI(typed, account)
		if err != nil {
			if !errors.Is(err, ErrInvalidNumber) {
				t.Fatalf("error %v does not wrap ErrInvalidNumber", err)
			}
			return
		}
		if strings.ContainsAny(target, "\r\n\x00\" <>;?\\") || strings.Count(target, "@") != 1 {
			t.Fatalf("TargetURI(%q) = %q", typed, target)
		}
		for _, c := range []byte(target) {
			if c <= ' ' || c >= 0x7f {
				t.Fatalf("TargetURI(%q) = %q is not printable ASCII", typed, target)
			}
		}
		if again, err := TargetURI(target, account); len(target) <= maxTargetLength && (err != nil || again != target) {
			t.Fatalf("TargetURI(%q) = %q, %v: not stable", target, again, err)
		}
	})
}

func FuzzCheckHeader(f *testing.F) {
	f.Add("X-A", "b")
	f.Add("Via", "a\r\nb")
	f.Fuzz(func(t *testing.T, name, value string) {
		err := CheckHeader(Header{Name: name, Value: value})
		if err == nil && (name == "" || strings.ContainsAny(name+value, "\r\n\x00") || strings.ContainsAny(name, ": \t")) {
			t.Fatalf("CheckHeader(%q, %q) accepts it", name, value)
		}
	})
}
