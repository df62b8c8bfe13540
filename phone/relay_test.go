package phone

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestARelaysAddressIsReadAsPeopleWriteIt(t *testing.T) {
	for text, want := range map[string]string{
		"turn.example":                       "turn:turn.example",
		" turn.example:3478 ":                "turn:turn.example:3478",
		"turn:turn.example:3478":             "turn:turn.example:3478",
		"TURN:turn.example?transport=TCP":    "turn:turn.example?transport=tcp",
		"turns:turn.example:443":             "turns:turn.example:443",
		"turns://turn.example?transport=tcp": "turns:turn.example?transport=tcp",
		"stun:192.0.2.1":                     "stun:192.0.2.1",
		"stuns:stun.example":                 "stuns:stun.example",
		"turn:[2001:db8::1]:3478":            "turn:[2001:db8::1]:3478",
		"[2001:db8::1]":                      "turn:[2001:db8::1]",
		"turn:3478":                          "turn:turn:3478", // a host of that name
	} {
		if got, err := ParseRelay(text); err != nil || got != want {
			t.Errorf("%q is %q, %v, want %q", text, got, err, want)
		}
		if again, err := ParseRelay(want); err != nil || again != want {
			t.Errorf("%q comes back as %q, %v", want, again, err)
		}
	}
	for _, text := range []string{"", " ", "turn:", "stun://", "https://turn.example", "turn.example:0", "turn.example:99999", "turn.example:x",
		"turn:ann@turn.example", "turn:turn.example?transport=sctp", "turn:turn.example?", "stun:turn.example?transport=udp",
		"turn:turn.example/path", "turn exämple", "a\x00b", "turn:[::1", "turn:[fe80::1%25eth0]", strings.Repeat("a", 300), "-a.example", "3478", "turn:0:1"} {
		if got, err := ParseRelay(text); !errors.Is(err, ErrRelayAddress) || !errors.Is(err, ErrAccountInvalid) {
			t.Errorf("%q became %q, %v", text, got, err)
		}
	}
}

func TestTheNameAndThePasswordGoToTheRelaysAlone(t *testing.T) {
	list, err := NewICEServers("stun:stun.example, turn.example  turns:turn.example:443,turn:turn.example", "ann", "secret")
	want := []ICEServer{{URLs: []string{"stun:stun.example"}},
		{URLs: []string{"turn:turn.example", "turns:turn.example:443"}, Username: "ann", Credential: "secret"}}
	if err != nil || !reflect.DeepEqual(list, want) {
		t.Errorf("%+v, %v", list, err)
	}
	if err := CheckAccount(Account{ID: "a", URI: "sip:a@pbx.example", ICEServers: list}); err != nil {
		t.Error(err)
	}
	if list, err = NewICEServers(" ", "ann", ""); err != nil || list != nil {
		t.Errorf("nothing became %v, %v", list, err)
	}
	if list, err = NewICEServers("stun:stun.example", "", ""); err != nil || len(list) != 1 {
		t.Errorf("STUN alone became %v, %v", list, err)
	}
}

func TestARelayWithoutNameOrPasswordIsRefused(t *testing.T) {
	for _, c := range [][2]string{{"", "secret"}, {"ann", ""}, {"ann\n", "secret"}, {"ann", "sec\x00ret"}, {strings.Repeat("a", 2000), "secret"}} {
		if _, err := NewICEServers("turn.example", c[0], c[1]); !errors.Is(err, ErrRelayCredentials) || strings.Contains(err.Error(), "sec") {
			t.Errorf("%.20q: %v", c, err)
		}
	}
	many := ""
	for i := range mostRelays + 1 {
		many += fmt.Sprintf(" turn.example:%d", 3478+i)
	}
	if _, err := NewICEServers(many, "ann", "secret"); !errors.Is(err, ErrRelayAddress) {
		t.Errorf("too many relays: %v", err)
	}
}

func FuzzParseRelay(f *testing.F) {
	for _, s := range []string{"turn.example", "turns:[::1]:5349?transport=tcp", "stun:a:1", "turn:3478", "turn://x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		uri, err := ParseRelay(text)
		if err != nil {
			if !errors.Is(err, ErrRelayAddress) {
				t.Fatal(err)
			}
			return
		}
		if again, err := ParseRelay(uri); err != nil || again != uri {
			t.Fatalf("%q became %q, then %q, %v", text, uri, again, err)
		}
		if err := checkICEServers([]ICEServer{{URLs: []string{uri}}}); err != nil {
			t.Fatalf("%q: %v", uri, err)
		}
	})
}
