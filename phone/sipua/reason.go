package sipua

import (
	"strconv"
	"strings"

	"github.com/hookswitch/hookswitch/phone"
)

// maxReasons bounds how many Reason values of one message are looked at.
const maxReasons = 8

// whyOf reads the Reason headers of a message (RFC 3326): the first value of each protocol that we know counts, and the first
// text. What cannot be read tells nothing.
func whyOf(m *message) (w phone.Why) {
	for i, v := range m.list("Reason") {
		if i == maxReasons {
			break
		}
		protocol, _, _ := strings.Cut(v, ";")
		params := afterSemicolon(v)
		text, _ := paramOf(params, "cause")
		number, err := strconv.Atoi(text)
		if err != nil {
			continue
		}
		switch protocol = strings.TrimSpace(protocol); {
		case strings.EqualFold(protocol, "SIP") && w.SIP == 0 && number >= 200 && number <= 699:
			w.SIP = number
		case strings.EqualFold(protocol, "Q.850") && w.Q850 == 0 && number >= 1 && number <= 127:
			w.Q850 = number
		default:
			continue
		}
		if said, _ := paramOf(params, "text"); w.Text == "" {
			w.Text = displayText(said, maxNumber)
		}
	}
	return w
}

// because tells in a CANCEL or BYE why: by a SIP status, or where the user hung up by Q.850's normal clearing, which is what
// gateways ask for. A CANCEL of the user's own needs no word.
func because(m *message, status int) {
	switch {
	case status >= 200 && status <= 699:
		text := reasonOf(status)
		if status == 200 {
			text = "Call completed elsewhere"
		}
		m.add("Reason", `SIP;cause=`+strconv.Itoa(status)+`;text="`+text+`"`)
	case m.method == "BYE":
		m.add("Reason", `Q.850;cause=16;text="Normal call clearing"`)
	}
}

// warningOf goes with a refusal of their offer (RFC 3261 §21.4.26, §20.43).
func warningOf(status int) []phone.Header {
	if status != 488 {
		return nil
	}
	return []phone.Header{{Name: "Warning", Value: `305 hookswitch "Incompatible media format"`}}
}
