package rtc

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	"github.com/hookswitch/hookswitch/phone"
	"github.com/hookswitch/hookswitch/phone/media/carrier/carriertest"
)

// without takes the lines that begin so out of an SDP.
func without(prefixes ...string) func(string) string {
	return func(sdp string) string {
		var out strings.Builder
	lines:
		for line := range strings.Lines(sdp) {
			for _, p := range prefixes {
				if strings.HasPrefix(line, p) {
					continue lines
				}
			}
			out.WriteString(line)
		}
		return out.String()
	}
}

// upwards moves the lines that begin so from the media section to the session's.
func upwards(prefixes ...string) func(string) string {
	return func(sdp string) string {
		session, media, _ := strings.Cut(sdp, "m=")
		for line := range strings.Lines(media) {
			for _, p := range prefixes {
				if strings.HasPrefix(line, p) && !strings.Contains(session, line) {
					session += line
				}
			}
		}
		return session + "m=" + without(prefixes...)(media)
	}
}

var candidateAddress = regexp.MustCompile(`(?m)^(a=candidate:\S+ 1 udp \d+ )\S+`)

// shapes are what others make of an SDP. Sound must go both ways with each, whether it is an offer or an answer.
var shapes = map[string]func(string) string{
	"as browsers write it": func(sdp string) string { return sdp },
	"no mid":               without("a=mid", "a=group"),
	"no BUNDLE":            without("a=group"),
	"no ssrc":              without("a=ssrc"),
	"no msid":              without("a=msid"),
	"no mid, ssrc or msid": without("a=mid", "a=group", "a=ssrc", "a=msid"),
	"no rtcp-mux":          without("a=rtcp"),
	"no rtcp-mux, and a second component": func(sdp string) string {
		return without("a=rtcp")(sdp) + "a=rtcp:9 IN IP4 0.0.0.0\r\na=candidate:77 2 udp 2130706430 127.0.0.1 9 typ host\r\n"
	},
	"ICE and DTLS told for the whole session": upwards("a=ice-ufrag", "a=ice-pwd", "a=fingerprint", "a=setup"),
	"trickled candidates that never come": func(sdp string) string {
		return without("a=candidate", "a=end-of-candidates")(sdp) + "a=ice-options:trickle\r\n"
	},
	"names of mDNS for addresses": func(sdp string) string {
		return candidateAddress.ReplaceAllString(sdp, "${1}8f1c6d2a-5b1e-4c6f-9d5e-1f2a3b4c5d6e.local")
	},
	"candidates for TCP too": func(sdp string) string {
		return sdp + "a=candidate:88 1 tcp 1518280447 127.0.0.1 9 typ host tcptype active\r\n" +
			"a=candidate:89 1 TCP 1518149375 127.0.0.1 9 typ host tcptype passive\r\n"
	},
	"candidates that lead nowhere": func(sdp string) string {
		return sdp + "a=candidate:90 1 udp 2130706431 192.0.2.1 5000 typ host\r\na=candidate:91 1 udp 1 2001:db8::1 5000 typ relay raddr :: rport 0\r\n"
	},
	"a role in capitals, a profile in small letters": func(sdp string) string {
		return strings.NewReplacer("a=setup:act", "a=setup:ACT", "UDP/TLS/RTP/SAVPF", "udp/tls/rtp/savpf").Replace(sdp)
	},
	"a refused line more": func(sdp string) string { return sdp + "m=video 0 UDP/TLS/RTP/SAVPF 0\r\n" },
	"words that nobody knows": func(sdp string) string {
		return sdp + "a=candidate:92 1 sctp 1 127.0.0.1 9 typ strange\r\na=candidate:\r\na=x-gateway:7\r\na=ice-options:ice2 rtp+ecn\r\n"
	},
}

func TestSoundGoesWithEveryShapeOfAnswer(t *testing.T) {
	f := newFactory(t)
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			b, a := newBrowser(t, false), newEnd(t, f)
			b.remote(webrtc.SDPTypeOffer, a.Offer(phone.MediaWish{}))
			a.Remote(shape(b.local(b.pc.CreateAnswer(nil))))
			carriertest.Await(a, "connection", a.Ups)
			b.talk(a)
		})
	}
}

func TestSoundGoesWithEveryShapeOfOffer(t *testing.T) {
	f := newFactory(t)
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			b, a := newBrowser(t, false), newEnd(t, f)
			answer, _ := a.Answer(shape(b.local(b.pc.CreateOffer(nil))), phone.MediaWish{})
			if !strings.Contains(answer, "a=mid:") { // the browser's own offer had one
				answer = strings.Replace(answer, "a=ice-ufrag", "a=mid:0\r\na=ice-ufrag", 1)
			}
			answer, _, _ = strings.Cut(answer, "m=video") // nor that
			b.remote(webrtc.SDPTypeAnswer, strings.Replace(answer, "udp/tls/rtp/savpf", "UDP/TLS/RTP/SAVPF", 1))
			carriertest.Await(a, "connection", a.Ups)
			b.talk(a)
		})
	}
}

func TestNoReportGoesToOneWhoRefusesItsPort(t *testing.T) {
	f := newFactory(t)
	for name, weOffer := range map[string]bool{"their answer refuses": true, "their offer does not have it": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b := newEnd(t, f), newEnd(t, f)
			if weOffer {
				answer, _ := b.Answer(a.Offer(phone.MediaWish{}), phone.MediaWish{})
				a.Remote(without("a=rtcp-mux")(answer))
			} else {
				answer, _ := a.Answer(without("a=rtcp-mux")(b.Offer(phone.MediaWish{})), phone.MediaWish{})
				b.Remote(answer + "a=rtcp-mux\r\n") // b is of ours, and would send none either
			}
			carriertest.Await(a, "connection", a.Ups)
			for seq := uint16(1); seq < 150; seq++ { // three seconds, in which three reports would go each way
				a.Write(111, seq, "sound")
				b.Write(111, seq, "sound")
				time.Sleep(20 * time.Millisecond)
			}
			if s := b.Transport.Stats(); s.Audio.RoundTrip != 0 || s.Audio.Jitter != 0 {
				t.Errorf("it has had reports: %+v", s)
			}
			if s := a.Transport.Stats(); s.Audio.RoundTrip == 0 && s.Audio.Jitter == 0 {
				t.Errorf("and we take what comes: %+v", s)
			}
			again := describe(t, a.Offer(phone.MediaWish{Hold: true}))
			if !again.Mux {
				t.Error("the next offer may ask again")
			}
		})
	}
}

func TestAnAnswerHasOnePortForBothOnlyWhereTheOfferHas(t *testing.T) {
	f := newFactory(t)
	for name, c := range map[string]struct {
		change func(string) string
		want   int // of the lines, sound and pictures
	}{
		"rtcp-mux": {func(sdp string) string { return sdp }, 2},
		"rtcp-mux and rtcp-mux-only": {func(sdp string) string {
			return strings.ReplaceAll(sdp, "a=rtcp-mux\r\n", "a=rtcp-mux\r\na=rtcp-mux-only\r\n")
		}, 2},
		"rtcp-mux-only, as some have it": {func(sdp string) string { return strings.ReplaceAll(sdp, "a=rtcp-mux\r\n", "a=rtcp-mux-only\r\n") }, 2},
		"neither":                        {without("a=rtcp-mux"), 0},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := newEnd(t, f), newEnd(t, f)
			answer, n := b.Answer(c.change(a.Offer(seen)), seen)
			if got := strings.Count(answer, "a=rtcp-mux\r\n"); got != c.want || !n.Video.On || strings.Contains(answer, "mux-only") {
				t.Errorf("%d lines have it:\n%s", got, answer)
			}
		})
	}
}
