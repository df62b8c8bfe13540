package sipua

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hookswitch/hookswitch/phone"
)

// TestWhoIsCalling: the account's server is trusted, the caller's own words come last (RFC 3325, RFC 3323).
func TestWhoIsCalling(t *testing.T) {
	withheld := phone.Party{Withheld: true}
	from := phone.Party{Number: "600", Name: "Alice"}
	for name, c := range map[string]struct {
		want  phone.Party
		lines []string
	}{
		"From alone":                         {from, nil},
		"P-Asserted-Identity beats the rest": {phone.Party{Number: "601", Name: "Bob"}, []string{`Remote-Party-ID: "X" <sip:666@x>`, `P-Asserted-Identity: "Bob" <sip:601@pbx.example>`}},
		"the number from tel:":               {phone.Party{Number: "+15550142", Name: "Bob"}, []string{`P-Asserted-Identity: <tel:+15550142>, "Bob" <sip:601@pbx.example>`}},
		"Remote-Party-ID beats From":         {phone.Party{Number: "602", Name: "Tom"}, []string{`Remote-Party-ID: "Tom" <sip:602@pbx.example>;party=calling;privacy=off`}},
		"one that speaks of us":              {from, []string{`Remote-Party-ID: "Me" <sip:1001@pbx.example>;party=called`}},
		"hidden by Remote-Party-ID":          {withheld, []string{`Remote-Party-ID: "Tom" <sip:602@pbx.example>;privacy=full;screen=yes`}},
		"the name alone hidden":              {phone.Party{Number: "602"}, []string{`Remote-Party-ID: "Tom" <sip:602@pbx.example>;privacy=name`}},
		"known to the network alone":         {withheld, []string{`P-Asserted-Identity: "Bob" <sip:601@pbx.example>`, "Privacy: header; id"}},
		"Privacy: none":                      {phone.Party{Number: "601"}, []string{`P-Asserted-Identity: <sip:601@pbx.example>`, "Privacy: none"}},
		"anonymous":                          {withheld, []string{`From: "Anonymous" <sip:anonymous@anonymous.invalid>;tag=their-tag`}},
		"anonymous, but the network tells":   {phone.Party{Number: "601"}, []string{`From: <sip:anonymous@anonymous.invalid>;tag=their-tag`, "P-Asserted-Identity: <sip:601@pbx.example>"}},
		"a company":                          {phone.Party{Number: "600", Name: "Alice", Company: "Example Ltd"}, []string{"Contacts-Company: Example Ltd"}},
		"a company in quotation marks":       {phone.Party{Number: "600", Name: "Alice", Company: `Example, "Ltd"`}, []string{`Contacts-Company: "Example, \"Ltd\""`}},
		"two companies in quotation marks":   {phone.Party{Number: "600", Name: "Alice", Company: `"A" & "B"`}, []string{`Contacts-Company: "A" & "B"`}},
		"a company that is none":             {from, []string{"Contacts-Company: /"}},
		"a lone slash":                       {from, []string{"P-Asserted-Identity: /", "Remote-Party-ID: /", "Diversion: /", "History-Info: /"}},
		"nothing that can be read":           {from, []string{"P-Asserted-Identity: <<<>>>,,;\"", "Remote-Party-ID: \xff\xfe\xfd"}},
		"a name that reads backwards":        {phone.Party{Number: "601", Name: "evil<b> txt"}, []string{"P-Asserted-Identity: \"evil\u202e\u2066<b>\x00txt\" <sip:601@pbx.example>"}},
		"a name of many lines":               {phone.Party{Number: "601", Name: "a b"}, []string{"P-Asserted-Identity: \"a\tb\u2028\u0085\" <sip:601@pbx.example>"}},
		"broken UTF-8":                       {phone.Party{Number: "601", Name: "a\ufffdb"}, []string{"P-Asserted-Identity: \"a\xffb\" <sip:601@pbx.example>"}},
		"a very long name":                   {phone.Party{Number: "601", Name: strings.Repeat("é", maxName)}, []string{`P-Asserted-Identity: "` + strings.Repeat("é", 30000) + `" <sip:601@pbx.example>`}},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := parseMessage([]byte(invite("x", "")))
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range c.lines {
				key, value, _ := strings.Cut(line, ": ")
				if key == "From" {
					m.remove(key)
				}
				m.add(key, value)
			}
			again, _ := parseMessage(m.bytes()) // as it comes over the wire
			if again == nil {
				t.Fatal("unreadable")
			}
			if got := partyOf(again); got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}

// TestForWhomACallWas: RFC 5806 and RFC 7044.
func TestForWhomACallWas(t *testing.T) {
	sales := phone.Party{Number: "650", Name: "Sales"}
	for name, c := range map[string]struct {
		want  phone.Party
		lines []string
	}{
		"nobody else":                  {phone.Party{}, nil},
		"one diversion":                {sales, []string{`Diversion: "Sales" <sip:650@pbx.example>;reason=unconditional;counter=1`}},
		"the first of two":             {sales, []string{`Diversion: <sip:651@pbx.example>;reason=no-answer, "Sales" <sip:650@pbx.example>;reason=unconditional`}},
		"who does not want to be told": {phone.Party{}, []string{`Diversion: "Sales" <sip:650@pbx.example>;privacy=full`}},
		"ourselves":                    {phone.Party{}, []string{`Diversion: <sip:1001@pbx.example>;reason=deflection`}},
		"a history":                    {sales, []string{`History-Info: "Sales" <sip:650@pbx.example?Reason=SIP%3Bcause%3D302>;index=1`, "History-Info: <sip:1001@pbx.example>;index=1.1"}},
		"a history of one":             {phone.Party{}, []string{"History-Info: <sip:650@pbx.example>;index=1"}},
		"a private history":            {phone.Party{}, []string{"History-Info: <sip:650@pbx.example?Privacy=history>;index=1, <sip:1001@pbx.example>;index=1.1"}},
		"rubbish":                      {phone.Party{}, []string{"Diversion: ,;<>\"", "History-Info: \xff,\xfe"}},
	} {
		t.Run(name, func(t *testing.T) {
			inMemory(t, anAccount("tcp"), func(s *stage) {
				p := s.register()
				p.send(invite("x", theirSDP, c.lines...))
				p.response(100, "INVITE")
				if in := event[phone.InviteIn](s); in.For != c.want {
					t.Errorf("%+v, want %+v", in.For, c.want)
				}
			})
		})
	}
}

// TestWhoItIsMayChangeWithinACall: by 180, 200, UPDATE and re-INVITE, also where nothing else changes.
func TestWhoItIsMayChangeWithinACall(t *testing.T) {
	inMemory(t, anAccount("tcp"), func(s *stage) {
		p := s.register()
		m := s.callingOut(p)
		who := func(n string) string { return `P-Asserted-Identity: "N` + n + `" <sip:` + n + `@pbx.example>` }
		party := func(n string) phone.Party { return phone.Party{Number: n, Name: "N" + n} }
		p.reply(m, 180, "their-tag", "Contact: <sip:600@192.0.2.2>", who("601"))
		if e := event[phone.Progress](s); e.Party != party("601") {
			t.Errorf("%+v", e)
		}
		p.reply(m, 200, "their-tag", "Contact: <sip:600@192.0.2.2>", who("602"), theirSDP)
		p.request("ACK")
		if e := event[phone.Accepted](s); e.Party != party("602") {
			t.Errorf("%+v", e)
		}
		p.send(inCall(m, "their-tag", "UPDATE", 5, "Contact: <sip:600@192.0.2.2>", who("603")))
		p.response(200, "UPDATE")
		if e := event[phone.PartyIn](s); e.Party != party("603") || e.Dialog != "our-call" {
			t.Errorf("%+v", e)
		}
		p.send(inCall(m, "their-tag", "INVITE", 6, "Contact: <sip:600@192.0.2.2>", who("604"), theirSDP))
		p.response(100, "INVITE")
		if e := event[phone.ReinviteIn](s); e.Party != party("604") {
			t.Errorf("%+v", e)
		}
		s.line.AnswerReinvite("our-call", []byte(ourSDP), 0)
		p.response(200, "INVITE")
		p.send(inCall(m, "their-tag", "ACK", 6))
		s.line.Reinvite("our-call", []byte(ourSDP))
		p.reply(p.request("INVITE"), 200, "", "Contact: <sip:600@192.0.2.2>", `Remote-Party-ID: "N605" <sip:605@pbx.example>;party=called`, theirSDP)
		p.request("ACK")
		if e := event[phone.PartyIn](s); e.Party != party("605") {
			t.Errorf("%+v", e)
		}
	})
}

// TestAFromThatChangesIsWhoItIsNow (RFC 4916), where the network says nothing itself; one that stays as it was says nothing.
func TestAFromThatChangesIsWhoItIsNow(t *testing.T) {
	inMemory(t, anAccount("tcp"), func(s *stage) {
		p := s.register()
		in, tag := s.talkingIn(p, `P-Asserted-Identity: "Mara" <sip:601@pbx.example>`)
		number := 1
		within := func(method, from string, body string, more ...string) {
			number++
			text := theirs(method, number, method+fmt.Sprint(number), tag, body, append(more, "Contact: <sip:600@192.0.2.2>")...)
			p.send(strings.Replace(text, `"Alice" <sip:600@pbx.example>`, from, 1))
		}
		update := func(from string, want phone.Party, more ...string) {
			within("UPDATE", from, "", more...)
			p.response(200, "UPDATE")
			if want == (phone.Party{}) {
				s.noEvent(time.Second)
				return
			}
			if e := event[phone.PartyIn](s); e.Party != want || e.Dialog != in.Dialog {
				s.Errorf("%s: %+v", from, e)
			}
		}
		update(`"Alice" <sip:600@pbx.example>`, phone.Party{})
		update(`Alice <sip:600@other.example;user=phone>`, phone.Party{}) // the same, written another way
		update(`"Tom" <sip:602@pbx.example>`, phone.Party{Number: "602", Name: "Tom"})
		update(`"Tom" <sip:602@pbx.example>`, phone.Party{})
		update(`"Eve" <sip:603@pbx.example>`, phone.Party{Number: "604"}, "P-Asserted-Identity: <sip:604@pbx.example>")
		update(`"Anonymous" <sip:anonymous@anonymous.invalid>`, phone.Party{Withheld: true})
		within("INVITE", `<sip:605@pbx.example>`, theirSDP)
		p.response(100, "INVITE")
		if e := event[phone.ReinviteIn](s); e.Party != (phone.Party{Number: "605"}) {
			s.Errorf("%+v", e)
		}
	})
}

// TestAHeaderOfAMegabyteIsRefused, and the connection with it: nothing after it can be trusted.
func TestAHeaderOfAMegabyteIsRefused(t *testing.T) {
	inMemory(t, anAccount("tcp"), func(s *stage) {
		p := s.register()
		huge := invite("x", theirSDP, `P-Asserted-Identity: "`+strings.Repeat("a", 1<<20)+`" <sip:601@pbx.example>`)
		_, _ = p.raw.Write([]byte(huge)) // the line may hang up in between
		event[phone.TransportDown](s)
	})
}
